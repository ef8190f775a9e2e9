import { describe, expect, test } from 'vitest';
import { findAddress, parseAddresses } from '../../../../drivers/libvirt/address.ts';
import { parseXml } from '../../../../drivers/libvirt/xml.ts';
import { type Answer, virshAnswers } from '../../../support/virsh-answers.ts';

const MAC = '52:54:00:56:ef:ee';
const OTHER = '52:54:00:00:00:02';
/** As `domifaddr --full` of libvirt 9.0 prints it, quiet. */
const row = (card: string, mac: string, address: string) =>
  ` ${card.padEnd(10)} ${mac}    ${address.includes(':') ? 'ipv6' : 'ipv4'}         ${address}\n`;
const addresses = (table: string) => parseAddresses(table).map(({ address }) => address);

describe('a table of addresses', () => {
  test('may be empty, with or without its head', () => {
    expect(addresses('')).toEqual([]);
    const head =
      ' Name       MAC address          Protocol     Address\n----------------------------------\n';
    expect(addresses(head)).toEqual([]);
    expect(addresses(head + row('vnet21', MAC, '192.168.122.171/24'))).toEqual(['192.168.122.171']);
  });

  test('of leases that are stale: the last row is the newest', () => {
    const table = row('vnet3', MAC, '192.168.122.83/24') + row('vnet3', MAC, '192.168.122.90/24');
    expect(addresses(table)).toEqual(['192.168.122.90', '192.168.122.83']);
  });

  test('without what leads nowhere: loopback and link-local ones', () => {
    const table =
      row('lo', '00:00:00:00:00:00', '127.0.0.1/8') +
      row('lo', '00:00:00:00:00:00', '::1/128') +
      row('eth0', MAC, '169.254.7.7/16') +
      row('eth0', MAC, 'fe80::5054:ff:fe56:efee/64') +
      row('eth0', MAC, 'FE80::1/64');
    expect(addresses(table)).toEqual([]);
  });

  test('with IPv4 before IPv6, which is usable as well', () => {
    const table = row('eth0', MAC, '192.0.2.7/24') + row('eth0', MAC, '2001:db8::17/64');
    expect(addresses(table)).toEqual(['192.0.2.7', '2001:db8::17']);
    expect(addresses(row('eth0', MAC, '2001:db8::17/64'))).toEqual(['2001:db8::17']);
  });

  test('whose cards may have odd names or no MAC, and MACs in capitals', () => {
    const table =
      ' sit0       N/A                  N/A          N/A\n' +
      row('Ethernet Instance 0', MAC.toUpperCase(), '192.0.2.7/24');
    expect(parseAddresses(table)).toEqual([{ mac: MAC, address: '192.0.2.7' }]);
  });
});

describe('one look for the address', () => {
  const card = (mac: string, type = 'network') =>
    `<interface type='${type}'><mac address='${mac}'/></interface>`;
  const ask = (source: string) => `domifaddr --domain 1 --source ${source} --full`;
  const notConnected = {
    stderr:
      'error: Failed to query for interfaces addresses\nerror: Guest agent is not responding: QEMU guest agent is not connected\n',
  };
  const wrongLength = {
    stderr: 'error: Failed to query for interfaces addresses\nerror: internal error: wrong nlmsg len\n',
  };

  async function look(cards: string, answers: Partial<Record<'agent' | 'lease' | 'arp', Answer>>) {
    const { context, asked } = virshAnswers({
      [ask('agent')]: answers.agent ?? notConnected,
      [ask('lease')]: answers.lease ?? '',
      [ask('arp')]: answers.arp ?? wrongLength,
    });
    const live = parseXml(`<domain><devices>${cards}</devices></domain>`);
    const said: string[] = [];
    const address = await findAddress({ id: '1', name: 'debian' }, live, context, (words) =>
      said.push(words),
    );
    return { address, asked, said };
  }

  test('believes the agent, and asks nobody else then', async () => {
    const agent = row('lo', '00:00:00:00:00:00', '127.0.0.1/8') + row('eth0', MAC, '192.0.2.7/24');
    const lease = row('vnet3', MAC, '192.0.2.1/24');
    expect(await look(card(MAC), { agent, lease })).toEqual({
      address: '192.0.2.7',
      asked: [ask('agent')],
      said: [],
    });
  });

  test('takes a lease, else what this host has seen', async () => {
    const lease = row('vnet3', MAC, '192.0.2.1/24');
    expect((await look(card(MAC), { lease })).address).toBe('192.0.2.1');
    expect((await look(card(MAC), { arp: lease })).address).toBe('192.0.2.1');
  });

  test('finds nothing yet, which is no error', async () => {
    const { address, said } = await look(card(MAC), {});
    expect(address).toBeUndefined();
    expect(said).toEqual([
      'agent: Guest agent is not responding: QEMU guest agent is not connected; arp: internal error: wrong nlmsg len',
    ]);
  });

  test('is for cards of the domain only, not for bridges in the guest', async () => {
    const agent = row('docker0', '02:42:00:00:00:01', '172.17.0.1/16') + row('eth0', MAC, '192.0.2.7/24');
    expect(
      (
        await look(card(MAC.toUpperCase()), {
          agent: agent + row('br-1', '02:42:00:00:00:02', '172.18.0.1/16'),
        })
      ).address,
    ).toBe('192.0.2.7');
  });

  test('of several cards takes one that can be reached', async () => {
    const cards = card(MAC, 'user') + card(OTHER);
    const agent = row('eth1', OTHER, '192.0.2.7/24') + row('eth0', MAC, '10.0.2.15/24');
    expect((await look(cards, { agent })).address).toBe('192.0.2.7');
    expect((await look(card(MAC, 'user'), { agent })).address).toBeUndefined();
  });

  test('prefers IPv4 of one card to IPv6 of another', async () => {
    const agent = row('eth0', MAC, '2001:db8::17/64') + row('eth1', OTHER, '192.0.2.7/24');
    expect((await look(card(MAC) + card(OTHER), { agent })).address).toBe('192.0.2.7');
  });
});
