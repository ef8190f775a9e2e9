import { expect, it } from 'vitest';
import { guestAddress } from '../../../../drivers/virtualbox/address.ts';
import { findVm, parseGuestProperties, parseVms } from '../../../../drivers/virtualbox/lists.ts';
import type { Nic } from '../../../../drivers/virtualbox/machine-info.ts';

const ids = ['18a87f1c-046c-4e39-8e95-bff5a6c82de5', '20fcef26-a8ca-4247-94e2-b2c64d50b080'] as const;

it.each(['plain', 'a "b" \\c é%', '-x', '"quoted" {not an id}', '<inaccessible>', '', 'two\nlines', '名前'])(
  'reads the VM name %j',
  (name) => {
    const text = `"first" {${ids[0]}}\n"${name}" {${ids[1]}}\n`;
    expect(parseVms(text)).toEqual([
      { id: ids[0], name: 'first' },
      { id: ids[1], name },
    ]);
  },
);

it.each(['', 'garbage\n', '"no id"\n', '"x" {18a87f1c}\n'])('finds no VM in %j', (text) => {
  expect(parseVms(text)).toEqual([]);
});

it('finds a VM by id before it finds one by name', () => {
  const vms = [
    { id: ids[0], name: ids[1] },
    { id: ids[1], name: 'b' },
  ];
  expect(findVm(ids[1].toUpperCase(), vms)?.name).toBe('b');
  expect(findVm(`{${ids[0]}}`, vms)?.id).toBe(ids[0]);
  expect(findVm('b', vms)?.id).toBe(ids[1]);
  expect(findVm('B', vms)).toBeUndefined();
});

const IP = '/VirtualBox/GuestInfo/Net/0/V4/IP';

it('reads the properties of 7.0 and later, and those of 6.1', () => {
  const now = `${IP} = '192.168.56.101' @ 2026-11-21T16:19:34.631Z TRANSIENT\n/x   = 'it''s' @ 2026-11-21T16:19:34Z\n`;
  expect([...parseGuestProperties(now)]).toEqual([
    [IP, '192.168.56.101'],
    ['/x', "it''s"],
  ]);
  const then = `Name: ${IP}, value: 10.0.0.7, timestamp: 1795277974631504000, flags: TRANSIENT\n`;
  expect(parseGuestProperties(then).get(IP)).toBe('10.0.0.7');
  expect(parseGuestProperties('No properties found.\n').size).toBe(0);
});

const bridged: Nic = { slot: 2, kind: 'bridged', mac: '080027A1B2C3', rules: [] };

function reported(...interfaces: [ip: string, mac: string][]): Map<string, string> {
  return new Map(
    interfaces.flatMap(([ip, mac], index) => [
      [`/VirtualBox/GuestInfo/Net/${index}/V4/IP`, ip],
      [`/VirtualBox/GuestInfo/Net/${index}/MAC`, mac],
    ]),
  );
}

it('takes the address of the adapter that can be reached, wherever the guest counts it', () => {
  const nat: Nic = { slot: 1, kind: 'nat', mac: '080027000001', rules: [] };
  const properties = reported(
    ['172.17.0.2', '0242AC110002'],
    ['10.0.2.15', nat.mac],
    ['10.1.2.3', '080027a1b2c3'],
  );
  expect(guestAddress(properties, [nat, bridged])).toBe('10.1.2.3');
  expect(guestAddress(properties, [nat])).toBeUndefined();
});

it.each(['0.0.0.0', '169.254.7.7', '192.168.56.1', 'nonsense', ''])(
  'waits while a guest reports %j',
  (ip) => {
    expect(guestAddress(reported([ip, bridged.mac]), [bridged])).toBeUndefined();
  },
);
