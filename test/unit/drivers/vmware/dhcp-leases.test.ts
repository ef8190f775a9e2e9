import { describe, expect, test } from 'vitest';
import { addressInLeases, cardOf, leaseFiles } from '../../../../drivers/vmware/dhcp-leases.ts';
import { parseDictionary } from '../../../../drivers/vmware/dictionary.ts';

const MAC = '00:0c:29:0a:0b:0c';
const now = new Date('2026-05-01T12:00:00Z');
const lease = (address: string, mac: string, ends: string) =>
  `lease ${address} {\n\tstarts 4 2026/04/30 11:30:00;\n\tends 5 ${ends};\n\thardware ethernet ${mac};\n\tclient-hostname "x";\n}\n`;

describe('leases of the DHCP server', () => {
  test('the last one of a card wins', () => {
    const text =
      '# All times in this file are in UTC\n' +
      lease('192.168.5.130', MAC, '2026/05/01 13:00:00') +
      lease('192.168.5.131', '00:0c:29:ff:ff:ff', '2026/05/01 13:00:00') +
      lease('192.168.5.132', MAC, '2026/05/01 13:00:00');
    expect(addressInLeases(text, MAC, now)).toBe('192.168.5.132');
  });

  test('one that has ended does not count', () => {
    expect(addressInLeases(lease('192.168.5.130', MAC, '2026/05/01 11:59:59'), MAC, now)).toBeUndefined();
  });

  test('macOS leaves zeros out, and has a form of its own', () => {
    const text = `{\n\tname=vm\n\tip_address=192.168.64.7\n\thw_address=1,0:c:29:a:b:c\n\tidentifier=1,0:c:29:a:b:c\n\tlease=0x7fffffff\n}\n`;
    expect(addressInLeases(text, MAC, now)).toBe('192.168.64.7');
  });

  test.each(['', 'lease {', 'lease x {\nhardware ethernet 00:0c:29:0a:0b:0c;\n}\n', '}{}{'])(
    '%j has none',
    (text) => {
      expect(addressInLeases(text, MAC, now)).toBeUndefined();
    },
  );
});

describe('the card of a VM', () => {
  const card = (text: string) => cardOf(parseDictionary(Buffer.from(text)));

  test.each([
    ['ethernet0.connectionType = "nat"', 'vmnet8'],
    ['ethernet0.connectionType = "hostonly"', 'vmnet1'],
    ['ethernet0.connectionType = "custom"\nethernet0.vnet = "/dev/vmnet3"', 'vmnet3'],
    ['ethernet0.connectionType = "custom"\nethernet0.vnet = "VMnet3"', 'vmnet3'],
  ])('%j', (text, network) => {
    expect(card(`ethernet0.generatedAddress = "00:0C:29:0A:0B:0C"\n${text}\n`)).toEqual({
      mac: MAC,
      network,
    });
  });

  test('one on a bridge gets its address from somebody else', () => {
    expect(
      card('ethernet0.generatedAddress = "00:0c:29:0a:0b:0c"\nethernet0.connectionType = "bridged"\n'),
    ).toBe(undefined);
    expect(card('')).toBeUndefined();
  });
});

test('where the files are', () => {
  expect(leaseFiles('linux', {}, 'vmnet8')).toEqual(['/etc/vmware/vmnet8/dhcpd/dhcpd.leases']);
  expect(leaseFiles('win32', { ProgramData: 'C:\\ProgramData' }, 'vmnet8')).toEqual([
    'C:\\ProgramData\\VMware\\vmnetdhcp.leases',
  ]);
  expect(leaseFiles('darwin', {}, 'vmnet8')).toContain('/var/db/dhcpd_leases');
});
