import { describe, expect, test } from 'vitest';
import { frozenDisks, parseSnapshot, pathsOf, writableDisks } from '../../../../drivers/libvirt/snapshots.ts';
import { parseXml } from '../../../../drivers/libvirt/xml.ts';

interface Parts {
  name?: string;
  parent?: string;
  memory?: string;
  disks?: string;
  devices?: string;
}

const DISK = `<disk type='file' device='disk'>
        <driver name='qemu' type='qcow2'/>
        <source file='/images/a.qcow2'/>
        <target dev='vda' bus='virtio'/>
      </disk>
      <disk type='file' device='cdrom'>
        <source file='/images/c.iso'/>
        <target dev='sda' bus='sata'/>
        <readonly/>
      </disk>`;
const EXTERNAL = `<disk name='vda' snapshot='external' type='file'><source file='/images/a.clean'/></disk>
    <disk name='sda' snapshot='no'/>`;
const INTERNAL = "<disk name='vda' snapshot='internal'/><disk name='sda' snapshot='no'/>";

/** As libvirt 9.0 prints it. */
function snapshotXml({
  name = 'clean',
  parent,
  memory = "<memory snapshot='no'/>",
  disks = EXTERNAL,
  devices = DISK,
}: Parts): string {
  return `<domainsnapshot>
  <name>${name}</name>
  <state>shutoff</state>
  ${parent === undefined ? '' : `<parent>\n    <name>${parent}</name>\n  </parent>`}
  <creationTime>1795279737</creationTime>
  ${memory}
  <disks>
    ${disks}
  </disks>
  <domain type='qemu'>
    <name>snap</name>
    <devices>
      ${devices}
    </devices>
  </domain>
</domainsnapshot>
`;
}

describe('a snapshot', () => {
  test('has the name of its own, not of its domain or parent, and the time it was made', () => {
    const xml = snapshotXml({ name: 'a &amp; &lt;b&gt;', parent: 'base' });
    expect(parseSnapshot(xml)).toEqual({
      name: 'a & <b>',
      parent: 'base',
      live: false,
      external: true,
      created: '1795279737',
    });
    expect(parseSnapshot(snapshotXml({})).parent).toBeUndefined();
  });

  test.each([
    ["<memory snapshot='no'/>", false],
    ["<memory snapshot='internal'/>", true],
    ["<memory snapshot='external' file='/images/m'/>", true],
    ['', false],
  ])('with %s is live: %s', (memory, live) => {
    expect(parseSnapshot(snapshotXml({ memory })).live).toBe(live);
  });

  test.each<[string, Parts, boolean]>([
    ['a disk in a file of its own', { disks: EXTERNAL }, true],
    ['the disk inside its image', { disks: INTERNAL }, false],
    ['one of two disks', { disks: `${INTERNAL}<disk name='vdb' snapshot='external'/>` }, true],
    ['the memory alone', { disks: INTERNAL, memory: "<memory snapshot='external' file='/m'/>" }, true],
    ['memory and disk inside the image', { disks: INTERNAL, memory: "<memory snapshot='internal'/>" }, false],
    ['no disk at all', { disks: '' }, false],
  ])('of %s is external: %3$s', (_what, parts, external) => {
    expect(parseSnapshot(snapshotXml(parts)).external).toBe(external);
  });

  test('has a path of names from the root, in whatever order they come', () => {
    const snapshot = (name: string, parent?: string) => ({
      name,
      parent,
      live: false,
      external: true,
      created: '1',
    });
    const paths = pathsOf([snapshot('c', 'b'), snapshot('a'), snapshot('b', 'a'), snapshot('x', 'gone')]);
    expect(paths.map(({ path }) => path)).toEqual(['a/b/c', 'a', 'a/b', 'x']);
    expect(paths[0]).toEqual({
      id: 'c',
      name: 'c',
      path: 'a/b/c',
      live: false,
      external: true,
      stamp: 'c:1',
    });
  });

  test('that was made anew has another stamp', () => {
    const [before, after] = ['1', '2'].map(
      (created) =>
        pathsOf([{ name: 'a', parent: undefined, live: false, external: false, created }])[0]?.stamp,
    );
    expect(before).not.toBe(after);
  });
});

describe('overlays', () => {
  test('may stand on files that an external snapshot has frozen: those of the time when it was taken', () => {
    expect(frozenDisks(snapshotXml({}))).toEqual({
      disks: [{ target: 'vda', file: '/images/a.qcow2', format: 'qcow2' }],
    });
  });

  const other = DISK.replaceAll('vda', 'vdb').replaceAll('sda', 'sdb');
  test.each<[string, Parts, string]>([
    ['memory', { memory: "<memory snapshot='external' file='/m'/>" }, 'the snapshot holds memory'],
    ['an internal part', { disks: INTERNAL }, 'the snapshot of vda lies inside its image'],
    ['a disk left out', { devices: DISK + other }, 'the snapshot leaves vdb out'],
    ['a disk kept out', { disks: "<disk name='vda' snapshot='no'/>" }, 'the snapshot leaves vda out'],
    [
      'a disk that is no file',
      { devices: DISK.replace("type='file'", "type='block'").replace('file=', 'dev=') },
      'vda is no file',
    ],
  ])('may not stand on one with %s', (_what, parts, why) => {
    expect(frozenDisks(snapshotXml(parts)).why).toContain(why);
  });
});

describe('disks that a guest writes to', () => {
  const disks = (devices: string) =>
    writableDisks(parseXml(`<domain><devices>${devices}</devices></domain>`), 'domain').map(
      ({ target, file }) => `${target} ${file}`,
    );
  const disk = (device: string, inside = '', source = "<source file='/f'/>") =>
    `<disk type='file' ${device}>${source}<target dev='x'/>${inside}</disk>`;

  test('are disks, floppies and passed-through ones', () => {
    expect(disks(disk(''))).toEqual(['x /f']);
    expect(disks(disk("device='disk'"))).toEqual(['x /f']);
    expect(disks(disk("device='floppy'"))).toEqual(['x /f']);
    expect(disks(disk("device='lun'", '', "<source dev='/dev/sdb'/>"))).toEqual(['x undefined']);
  });

  test('are not CD-ROMs, empty drives, and what libvirt keeps or throws away itself', () => {
    expect(disks(disk("device='cdrom'"))).toEqual([]);
    expect(disks(disk("device='floppy'", '', ''))).toEqual([]);
    for (const mark of ['readonly', 'shareable', 'transient'])
      expect(disks(disk("device='disk'", `<${mark}/>`))).toEqual([]);
  });

  test('are raw unless they say otherwise', () => {
    const [found] = writableDisks(parseXml(`<domain><devices>${disk('')}</devices></domain>`), 'domain');
    expect(found?.format).toBe('raw');
  });
});
