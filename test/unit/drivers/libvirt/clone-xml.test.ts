import { describe, expect, test } from 'vitest';
import { cloneXml, withConsoleLog } from '../../../../drivers/libvirt/clone-xml.ts';
import { type Document, first, parseXml, select, textOf } from '../../../../drivers/libvirt/xml.ts';

/** As libvirt 9.0 prints it, with what domains of people have. */
const domain = `<domain type='qemu'>
  <name>a &quot;q&quot; &amp; &lt;b&gt; ü &apos;x&apos;</name>
  <uuid>33a8662f-c30f-40de-b3f9-38b2d604c3f6</uuid>
  <title>Mine &amp; only mine</title>
  <memory unit='KiB'>1024</memory>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>
    <nvram template='/usr/share/OVMF/OVMF_VARS.fd'>/var/lib/libvirt/qemu/nvram/a_VARS.fd</nvram>
  </os>
  <devices>
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw' cache='none'/>
      <source dev='/dev/vg/a'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/images/b.3'/>
      <backingStore type='file'><format type='qcow2'/><source file='/images/b.2'/><backingStore/></backingStore>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='/images/seed.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:56:ef:ee'/>
      <source network='default'/>
      <target dev='vnet7'/>
      <model type='virtio'/>
    </interface>
    <interface type='bridge'>
      <mac address='52:54:00:56:ef:ef'/>
      <source bridge='br0'/>
    </interface>
    <interface type='user'>
      <backend type='passt'/>
      <portForward proto='tcp' address='127.0.0.1'><range start='2222' to='22'/></portForward>
    </interface>
    <serial type='file'>
      <source path='/var/log/mine'/>
      <log file='/var/log/mine too' append='on'/>
      <target type='isa-serial' port='0'/>
    </serial>
    <console type='file'>
      <source path='/var/log/mine'/>
      <target type='serial' port='0'/>
    </console>
    <channel type='unix'>
      <source mode='bind' path='/var/lib/libvirt/qemu/a.agent'/>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <channel type='spicevmc'>
      <target type='virtio' name='com.redhat.spice.0'/>
    </channel>
    <graphics type='spice' port='5901' tlsPort='5902' autoport='no' passwd='hunter2'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <graphics type='vnc'>
      <listen type='socket' socket='/run/a.vnc'/>
    </graphics>
  </devices>
</domain>
`;
const odd = `/images/a "q" & <b> 'ü'.qcow2`;
const overlays = new Map([
  ['vda', odd],
  ['vdb', '/images/vmtest-abcdefgh-vdb.qcow2'],
]);

function cloned(xml = domain): Document {
  return parseXml(cloneXml(xml, { name: 'vmtest-abcdefgh', overlays }));
}

const attribsOf = (document: Document, path: string) => select(document, path).map(({ attribs }) => attribs);

describe('a clone', () => {
  test('has a name of its own, and nothing of the domain’s identity', () => {
    const clone = cloned();
    expect(select(clone, 'domain/name')).toHaveLength(1);
    expect(textOf(clone, 'domain/name')).toBe('vmtest-abcdefgh');
    for (const path of ['domain/uuid', 'domain/title', 'domain/devices/interface/mac'])
      expect(select(clone, path), path).toEqual([]);
    expect(select(clone, 'domain/devices/interface/target')).toEqual([]);
    expect(attribsOf(clone, 'domain/devices/interface/source')).toEqual([
      { network: 'default' },
      { bridge: 'br0' },
    ]);
    expect(select(clone, 'domain/devices/interface/portForward')).toEqual([]);
  });

  test('writes to its overlays, whatever their paths hold, and to nothing of the domain', () => {
    const clone = cloned();
    const [first, second, cdrom] = select(clone, 'domain/devices/disk');
    expect(first?.attribs).toEqual({ type: 'file', device: 'disk' });
    expect(attribsOf(clone, 'domain/devices/disk/source')).toEqual([
      { file: odd },
      { file: '/images/vmtest-abcdefgh-vdb.qcow2' },
      { file: '/images/seed.iso' },
    ]);
    expect(attribsOf(clone, 'domain/devices/disk/driver')).toEqual([
      { name: 'qemu', type: 'qcow2', cache: 'none' },
      { name: 'qemu', type: 'qcow2' },
      { name: 'qemu', type: 'raw' },
    ]);
    expect(second && select(second, 'backingStore')).toEqual([]);
    expect(cdrom && select(cdrom, 'readonly')).toHaveLength(1);
  });

  test('reads its overlay as qcow2 also where the domain names no driver', () => {
    const clone = cloned(
      "<domain><devices><disk type='file'><source file='/i'/><target dev='vda'/></disk></devices></domain>",
    );
    expect(attribsOf(clone, 'domain/devices/disk/driver')).toEqual([{ name: 'qemu', type: 'qcow2' }]);
  });

  test('lets libvirt choose ports and sockets', () => {
    const clone = cloned();
    expect(attribsOf(clone, 'domain/devices/graphics')).toEqual([
      { type: 'spice', autoport: 'yes', passwd: 'hunter2' },
      { type: 'vnc', autoport: 'yes' },
    ]);
    expect(attribsOf(clone, 'domain/devices/graphics/listen')).toEqual([
      { type: 'address', address: '127.0.0.1' },
      { type: 'socket' },
    ]);
    expect(select(clone, 'domain/devices/channel/source')).toEqual([]);
    expect(select(clone, 'domain/devices/channel')).toHaveLength(2);
  });

  test.each([
    "<nvram template='/V.fd'>/mine.fd</nvram>",
    "<nvram template='/V.fd' type='file'>\n<source file='/mine.fd'/>\n</nvram>",
  ])('has variables of its own for its firmware: %s', (nvram) => {
    const clone = cloned(`<domain><os>${nvram}</os><devices/></domain>`);
    expect(first(clone, 'domain/os/nvram')?.attribs).toEqual({ template: '/V.fd' });
    expect(first(clone, 'domain/os/nvram')?.children).toEqual([]);
  });

  test('of something else is refused', () => {
    expect(() => cloned('<network/>')).toThrow('no <domain>');
  });
});

describe('the log of the console', () => {
  test('goes to a file, and no longer to where the domain’s own went', () => {
    const path = `/results/a "q" & <b> 'ü'/console.log`;
    const { xml, logged } = withConsoleLog(domain, path);
    const document = parseXml(xml);
    expect(logged).toBe(true);
    expect(attribsOf(document, 'domain/devices/serial')).toEqual([{ type: 'pty' }]);
    expect(attribsOf(document, 'domain/devices/serial/log')).toEqual([{ append: 'off', file: path }]);
    expect(attribsOf(document, 'domain/devices/console')).toEqual([{ type: 'pty' }]);
    expect(xml).not.toContain('/var/log/mine');
  });

  test('is not there without a serial port', () => {
    const xml = '<domain><devices/></domain>';
    expect(withConsoleLog(xml, '/l')).toEqual({ xml, logged: false });
  });
});

test.each(['', 'noise', '<domainsnapshot/>'])('what defines no domain is told as such: %j', (xml) => {
  const error = { code: 'LIBVIRT_FAILED', message: expect.stringContaining('makes no sense') };
  expect(() => cloneXml(xml, { name: 'clone', overlays: new Map() })).toThrow(expect.objectContaining(error));
});
