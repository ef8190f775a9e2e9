/**
 * The same command lines on the real VBoxManage and on its stand-in, in the same order: exit codes, names of errors and outputs
 * have to be the same. In it are all that the driver uses but those that need a running machine.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSnapshots } from '../../../drivers/virtualbox/settings-file.ts';
import { localeFor } from '../../../drivers/virtualbox/tool.ts';
import { realTool, standInTool, type Tool } from './both-tools.ts';
import { createNormaliser } from './normalise.ts';

const UNKNOWN = '18a87f1c-046c-4e39-8e95-bff5a6c82de5';
const LINK = ['--options', 'Link,KeepNATMACs', '--basefolder', '{work}/clones', '--register'];
const RULE = 'vmtest-ssh,tcp,127.0.0.1,2222,,22';
const LOGIN = ['--username', 'root', '--passwordfile', 'stdin'];

/** `{work}` and `{id of NAME}` stand for what each tool has. */
const lines: string[][] = [
  ['--version'],
  [],
  ['bogus'],
  ['list'],
  ['list', 'bogus'],
  ['list', 'vms', '--bogus'],
  ['list', 'vms'],
  ['list', 'runningvms'],
  ['list', 'hostonlyifs'],
  // A machine with a disk, behind NAT.
  ['createvm'],
  ['createvm', '--name', 'base', '--ostype', 'Debian_64', '--register'],
  ['createvm', '--name', 'base', '--ostype', 'Debian_64', '--register'],
  ['modifyvm', 'base', '--memory', '512', '--cpus', '1', '--nic1', 'nat'],
  ['createmedium', 'disk', '--filename', '{work}/d.vdi', '--size', '64'],
  ['storagectl', 'base', '--name', 'SATA', '--add', 'sata', '--portcount', '2'],
  [
    'storageattach',
    'base',
    '--storagectl',
    'SATA',
    '--port',
    '0',
    '--device',
    '0',
    '--type',
    'hdd',
    '--medium',
    '{work}/d.vdi',
  ],
  ['showvminfo'],
  ['showvminfo', 'base', '--bogus'],
  ['showvminfo', 'base', '--machinereadable'],
  ['showvminfo', '{id of base}', '--machinereadable'],
  ['showvminfo', '{{id of base}}', '--machinereadable'],
  ['showvminfo', '{work}/VirtualBox VMs/base/base.vbox', '--machinereadable'],
  ['showvminfo', 'nope', '--machinereadable'],
  ['showvminfo', UNKNOWN, '--machinereadable'],
  ['showvminfo', '{id of base}', '--log', '0'],
  ['showvminfo', 'base', '--log', '0', '--machinereadable'],
  // What is arranged for a start.
  ['modifyvm'],
  ['modifyvm', 'base'],
  ['modifyvm', 'base', '--bogus'],
  ['modifyvm', 'nope', '--memory', '5'],
  [
    'modifyvm',
    '{id of base}',
    '--natpf1',
    RULE,
    '--uart1',
    '0x3F8',
    '4',
    '--uartmode1',
    'file',
    '{work}/a b.log',
  ],
  ['showvminfo', '{id of base}', '--machinereadable'],
  ['modifyvm', 'base', '--natpf1', RULE],
  ['modifyvm', 'base', '--natpf1', 'other,tcp,127.0.0.1,2222,,22'],
  ['modifyvm', 'base', '--natpf1', 'bad'],
  ['modifyvm', 'base', '--natpf9', RULE],
  ['modifyvm', 'base', '--natpf1', 'delete', 'nope'],
  ['modifyvm', 'base', '--natpf1', 'delete', 'vmtest-ssh', '--natpf1', 'vmtest-ssh,tcp,127.0.0.1,2223,,2222'],
  ['modifyvm', 'base', '--nat-pf1', 'b,tcp,,2300,10.0.2.15,80', '--nic2', 'hostonly', '--nic3', 'intnet'],
  ['modifyvm', 'base', '--uart1', '0x3F8', '4', '--uart-mode1', 'file', 'relative.log'],
  ['modifyvm', 'base', '--description', 'two\nlines "q" \\ UUID="x"'],
  ['showvminfo', 'base', '--machinereadable'],
  ['modifyvm', 'base', '--uart1', 'off', '--natpf1', 'delete', 'b', '--natpf1', 'delete', 'vmtest-ssh'],
  // Snapshots.
  ['snapshot'],
  ['snapshot', 'base'],
  ['snapshot', 'base', 'bogus'],
  ['snapshot', 'base', 'list'],
  ['snapshot', 'base', 'list', '--machinereadable'],
  ['snapshot', 'base', 'restore', 'clean'],
  ['snapshot', 'base', 'delete', 'clean'],
  ['snapshot', 'base', 'take', 'clean'],
  ['snapshot', 'base', 'take', 'we"ird \\ n=ame é%', '--description', 'two\nlines "q"\nSnapshotName-7="x"'],
  ['snapshot', 'base', 'list', '--machinereadable'],
  ['snapshot', 'base', 'take', '-dash'],
  ['snapshot', 'base', 'take', 'x\nSnapshotName-1="fake"'],
  ['snapshot', 'base', 'list'],
  ['snapshot', 'base', 'list', '--machinereadable'],
  ['snapshot', '{id of base}', 'restore', 'clean'],
  ['snapshot', 'base', 'take', 'branch'],
  ['snapshot', 'base', 'list', '--machinereadable'],
  ['showvminfo', 'base', '--machinereadable'],
  ['snapshot', 'base', 'restore', '-dash'],
  ['snapshot', 'base', 'restore', 'nope'],
  ['snapshot', 'base', 'restore', UNKNOWN],
  ['snapshot', 'nope', 'restore', 'clean'],
  ['snapshot', UNKNOWN, 'list', '--machinereadable'],
  ['snapshot', 'base', 'restore'],
  ['snapshot', 'base', 'restore', 'a', 'b'],
  ['snapshot', 'base', 'delete', 'clean'],
  ['snapshot', 'base', 'delete', 'branch'],
  // Linked clones.
  ['clonevm'],
  ['clonevm', '{id of base}', '--snapshot', 'clean', '--name', 'c1', ...LINK],
  [
    'clonevm',
    '{id of base}',
    '--snapshot=clean',
    '--options=Link,KeepNATMACs',
    '--name=-c',
    '--basefolder={work}/clones',
    '--register',
  ],
  ['clonevm', 'base', '--snapshot', 'clean', '--name', 'c1', ...LINK],
  ['clonevm', 'base', '--name', 'c2', ...LINK],
  ['clonevm', 'base', '--snapshot', 'nope', '--name', 'c2', ...LINK],
  ['clonevm', 'base', '--snapshot', UNKNOWN, '--name', 'c2', ...LINK],
  ['clonevm', 'nope', '--snapshot', 'clean', '--name', 'c2', ...LINK],
  ['clonevm', 'base', '--snapshot', 'clean', '--name', 'c2', '--options', 'Link,Bogus', '--register'],
  [
    'clonevm',
    'base',
    '--snapshot',
    'clean',
    '--name',
    'c2',
    '--options',
    'Link',
    '--basefolder',
    '{work}/memory.sav',
    '--register',
  ],
  ['showvminfo', 'c1', '--machinereadable'],
  ['list', 'vms'],
  ['list', '--sorted', 'vms'],
  ['snapshot', 'c1', 'list', '--machinereadable'],
  ['snapshot', 'base', 'delete', 'clean'],
  ['unregistervm'],
  ['unregistervm', 'base', '--bogus'],
  ['unregistervm', '{id of c1}', '--delete'],
  ['unregistervm', 'c1', '--delete'],
  ['unregistervm', UNKNOWN, '--delete'],
  ['unregistervm', '{id of -c}', '--delete'],
  // Machines with memory.
  ['discardstate'],
  ['discardstate', 'base'],
  ['discardstate', 'nope'],
  ['adoptstate', 'base', '{work}/memory.sav'],
  ['showvminfo', 'base', '--machinereadable'],
  ['snapshot', 'base', 'take', 'live'],
  ['modifyvm', '{id of base}', '--natpf1', RULE],
  ['modifyvm', '{id of base}', '--natpf1', 'delete', 'vmtest-ssh'],
  ['modifyvm', '{id of base}', '--uart1', '0x3F8', '4', '--uartmode1', 'file', '{work}/a b.log'],
  ['clonevm', '{id of base}', '--snapshot', 'live', '--name', 'c3', ...LINK],
  ['showvminfo', 'c3', '--machinereadable'],
  ['discardstate', 'c3'],
  ['unregistervm', 'c3', '--delete'],
  ['snapshot', 'base', 'restore', 'clean'],
  ['showvminfo', 'base', '--machinereadable'],
  ['snapshot', 'base', 'restore', 'live'],
  ['showvminfo', 'base', '--machinereadable'],
  ['discardstate', 'base'],
  // Without a kernel driver nothing starts; what wants a running machine says so.
  ['startvm'],
  ['startvm', 'base', '--type', 'foo'],
  ['startvm', '{id of base}', '--type', 'headless'],
  ['startvm', 'nope', '--type', 'headless'],
  ['startvm', 'base', 'nope', '--type', 'headless'],
  ['controlvm'],
  ['controlvm', 'base'],
  ['controlvm', '{id of base}', 'poweroff'],
  ['controlvm', '{id of base}', 'acpipowerbutton'],
  ['controlvm', 'base', 'screenshotpng', '{work}/screen.png'],
  ['controlvm', 'base', 'bogus'],
  ['controlvm', 'nope', 'poweroff'],
  // What guests report, and programs in them.
  ['guestproperty'],
  ['guestproperty', 'bogus'],
  ['guestproperty', 'get', 'base'],
  ['guestproperty', 'get', 'nope', '/x'],
  ['guestproperty', 'enumerate', '{id of base}', '--patterns', '/VirtualBox/GuestInfo/Net/*'],
  ['guestproperty', 'get', 'base', '/VirtualBox/GuestInfo/Net/0/V4/IP'],
  ['guestproperty', 'set', 'base', '/VirtualBox/GuestInfo/Net/0/V4/IP', '192.168.56.101'],
  ['guestproperty', 'set', 'base', '/VirtualBox/GuestInfo/Net/0/MAC', '0800271111'],
  ['guestproperty', 'set', 'base', '/other', 'x'],
  ['guestproperty', 'get', 'base', '/VirtualBox/GuestInfo/Net/0/V4/IP'],
  ['guestproperty', 'enumerate', '{id of base}', '--patterns', '/VirtualBox/GuestInfo/Net/*'],
  ['guestproperty', 'enumerate', 'base', '--old-format'],
  ['guestcontrol'],
  ['guestcontrol', 'base'],
  ['guestcontrol', 'base', 'bogus', '--username', 'root'],
  ['guestcontrol', 'base', 'run'],
  ['guestcontrol', 'base', 'run', '--', '/bin/ls'],
  ['guestcontrol', 'base', 'run', '--username', 'root', '--passwordfile', '{work}/no', '--', '/bin/ls'],
  ['guestcontrol', '{id of base}', 'run', ...LOGIN, '--putenv', 'A=b c', '--', '/bin/sh', '-c', 'true'],
  ['guestcontrol', '{id of base}', 'copyto', ...LOGIN, '{work}/memory.sav', '/tmp/x'],
  ['guestcontrol', '{id of base}', 'copyfrom', ...LOGIN, '/tmp/x', '{work}/y'],
  ['guestcontrol', 'nope', 'run', ...LOGIN, '--', '/bin/ls'],
  // Names.
  ['createvm', '--name', 'a "b" \\c é%', '--register'],
  ['createvm', '--name', '-x', '--register'],
  ['createvm', '--name', 'a/b', '--register'],
  ['list', 'vms'],
  ['showvminfo', 'a "b" \\c é%', '--machinereadable'],
  ['showvminfo', '-x', '--machinereadable'],
  ['unregistervm', 'base', '--delete'],
  ['list', 'vms'],
];

let tools: [Tool, Tool];
let answers: ((args: string[], locale?: string) => Promise<object>)[];

beforeAll(async () => {
  const standIn = await standInTool();
  standIn.standIns.setFaults('start-fails');
  tools = [await realTool(), standIn];
  answers = tools.map(asking);
  for (const { work } of tools) await writeFile(join(work, 'memory.sav'), 'memory');
});

describe('the real VBoxManage and its stand-in answer the same', () => {
  test.each(lines.map((args, index) => ({ index, args, shown: args.join(' ') })))(
    '$index: VBoxManage $shown',
    async ({ args }) => {
      const [real, standIn] = await Promise.all(answers.map((answer) => answer(args)));
      expect(standIn).toEqual(real);
    },
  );

  test('there are many of them', () => {
    expect(lines.length).toBeGreaterThan(100);
  });

  test.each([
    ['list', 'vms'],
    ['createvm', '--name', 'é', '--register'],
    ['list', 'runningvms'],
  ])('in the locale C: %s %s', async (...args) => {
    const [real, standIn] = await Promise.all(answers.map((answer) => answer(args, 'C')));
    expect(standIn).toEqual(real);
  });
});

test('their settings files tell the same snapshots', async () => {
  const name = 'with snapshots';
  for (const args of [
    ['createvm', '--name', name, '--register'],
    ['snapshot', name, 'take', 'a "b" <é>&\n/c', '--description', '<Snapshot name="no"/>'],
    ['adoptstate', name, '{work}/memory.sav'],
    ['snapshot', name, 'take', 'live'],
  ])
    await Promise.all(answers.map((answer) => answer(args)));
  const [real, standIn] = await Promise.all(
    tools.map(({ work }) => readSnapshots(join(work, 'VirtualBox VMs', name, `${name}.vbox`))),
  );
  const shape = (snapshots = real ?? []) => snapshots.map(({ name, path, live }) => ({ name, path, live }));
  expect(shape(standIn)).toEqual(shape(real));
  expect(shape(real)).toEqual([
    { name: 'a "b" <é>&\n/c', path: 'a "b" <é>&\n/c', live: false },
    { name: 'live', path: 'a "b" <é>&\n/c/live', live: true },
  ]);
});

function asking({ host, work }: Tool) {
  const normalise = createNormaliser(work);
  const ask = (args: string[], locale?: string) =>
    host.exec(['VBoxManage', ...args], {
      input: 'password\n',
      env: locale === undefined ? localeFor('linux') : { LC_ALL: locale },
    });
  const ids = new Map<string, string>();
  const idOf = async (name: string) => {
    const known = ids.get(name);
    if (known !== undefined) return known;
    const { stdout } = await ask(['list', 'vms']);
    const line = stdout.split('\n').find((each) => each.startsWith(`"${name}" {`));
    const id = line?.slice(-37, -1) ?? 'none';
    ids.set(name, id);
    return id;
  };
  return async (args: string[], locale?: string) => {
    const words = args.map(async (word) => {
      const name = /\{id of ([^}]*)\}/.exec(word)?.[1];
      const id = name === undefined ? '' : await idOf(name);
      return word.replaceAll('{work}', work).replace(/\{id of [^}]*\}/, id);
    });
    return normalise(await ask(await Promise.all(words), locale));
  };
}
