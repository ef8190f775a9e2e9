import { describe, expect, test } from 'vitest';
import { useOwnSources } from '../../../../drivers/libvirt/character-devices.ts';
import { first, parseXml, showXml } from '../../../../drivers/libvirt/xml.ts';

/** @returns what the devices are in a clone. */
function cloned(devices: string): string {
  const document = parseXml(`<devices>${devices}</devices>`);
  const element = first(document, 'devices');
  if (!element) throw new Error('no devices');
  useOwnSources(element);
  return showXml(document).replace(/^<devices>|<\/devices>$/g, '');
}

const target = '<target type="isa-serial" port="0"/>';

describe.each(['serial', 'parallel', 'console'])('a %s port', (port) => {
  test.each([
    ['file', '<source path="/var/log/mine" append="on"/>'],
    ['pipe', '<source path="/run/mine"/>'],
    ['dev', '<source path="/dev/ttyS0"/>'],
    ['unix', '<source mode="bind" path="/run/mine"/>'],
    ['tcp', '<source mode="bind" host="127.0.0.1" service="4555"/><protocol type="telnet"/>'],
    ['tcp', '<source mode="connect" host="127.0.0.1" service="4555"/><protocol type="raw"/>'],
    [
      'udp',
      '<source mode="bind" host="127.0.0.1" service="1"/><source mode="connect" host="127.0.0.1" service="2"/>',
    ],
    ['nmdm', '<source master="/dev/nmdm0A" slave="/dev/nmdm0B"/>'],
  ])('that is of type %s becomes a terminal of its own', (type, source) => {
    expect(cloned(`<${port} type="${type}">${source}<log file="/l"/>${target}</${port}>`)).toBe(
      `<${port} type="pty">${target}</${port}>`,
    );
  });

  test.each(['pty', 'null', 'vc'])('that is of type %s stays, but for its log', (type) => {
    expect(cloned(`<${port} type="${type}"><log file="/l"/>${target}</${port}>`)).toBe(
      `<${port} type="${type}">${target}</${port}>`,
    );
  });
});

describe('a channel', () => {
  const agent = '<target type="virtio" name="org.qemu.guest_agent.0"/>';

  test.each([
    ['unix', '<source mode="bind" path="/run/agent"/>'],
    ['tcp', '<source mode="bind" host="127.0.0.1" service="4555"/><protocol type="raw"/>'],
    ['file', '<source path="/var/log/mine"/>'],
  ])('of type %s becomes a socket that libvirt makes', (type, source) => {
    expect(cloned(`<channel type="${type}">${source}${agent}</channel>`)).toBe(
      `<channel type="unix">${agent}</channel>`,
    );
  });

  test('that is no port of a socket stays: spice, a way out of the guest', () => {
    const others =
      '<channel type="spicevmc"><target type="virtio" name="com.redhat.spice.0"/></channel>' +
      '<channel type="unix"><source mode="connect" path="/run/x"/><target type="guestfwd" address="10.0.2.1" port="4600"/></channel>';
    expect(cloned(others)).toBe(others);
  });
});
