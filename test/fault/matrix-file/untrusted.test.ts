/** A matrix file from a stranger's pull request: to look at it runs nothing that it names, and no engine either. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type Project, project } from '../../support/project.ts';
import { scratchFolder } from '../../support/scratch.ts';

/** Every key that names a program, or by which a program could be reached. */
const MATRIX = `version: 1
targets:
  qemu: { engine: qemu, binary: ./evil, image: disk.qcow2 }
  libvirt: { engine: libvirt, vm: x, snapshot: s, uri: 'qemu+ssh://evil/system?command=./evil' }
  virtualbox: { engine: virtualbox, vm: x, snapshot: s }
  vmware: { engine: vmware, vm: x.vmx, vmrun: ./evil }
  hyperv: { engine: hyperv, vm: x }
  parallels: { engine: parallels, vm: x, snapshot: s }
  program: { engine: command, program: [./evil], guest: { key: key } }
  commands: { engine: command, commands: { restore: [./evil], start: [./evil], release: [./evil], exec: [./evil] } }
  choice: { engine: [hyperv, parallels, qemu], vm: x, image: disk.qcow2, snapshot: none }
test:
  upload: { from: ., to: work }
  setup: ./evil
  run: ./evil
  results: [results/*.xml]
`;

const ENGINES = [
  ...['qemu-system-x86_64', 'qemu-system-aarch64', 'qemu-img', 'virsh', 'VBoxManage', 'vboxmanage', 'vmrun'],
  ...['pwsh', 'powershell', 'powershell.exe', 'prlctl', 'prlsrvctl', 'ssh', 'git', 'sh', 'env'],
];

let stranger: Project;
let trace: string;

/** Names of the programs that ran. */
const ran = () => readFile(trace, 'utf8').catch(() => '');

beforeEach(async () => {
  const folder = await scratchFolder();
  trace = join(folder, 'trace');
  const trap = `#!/bin/sh\necho "\${0##*/}" >>'${trace}'\n`;
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const name of ENGINES) {
    await writeFile(join(bin, name), trap);
    await chmod(join(bin, name), 0o755);
  }
  stranger = await project({ 'matrix.yml': MATRIX, evil: trap, key: 'k', 'disk.qcow2': '' }, { PATH: bin });
  await chmod(stranger.path('evil'), 0o755);
});

test.each([
  [['validate', 'matrix.yml']],
  [['list', 'matrix.yml']],
  [['list', 'matrix.yml', '--json']],
  [['list', 'matrix.yml', '--github']],
])('vmtest %s', async (command) => {
  expect(await stranger.vmtest(...command)).toMatchObject({ exitCode: 0 });
  expect(await ran()).toBe('');
});

test('vmtest report, of what its run has left', async () => {
  const results =
    '<testsuite name="s"><testcase name="t"><failure message="./evil $(./evil)"/></testcase></testsuite>';
  await writeFile(stranger.path('junit.xml'), results);
  const { exitCode } = await stranger.vmtest('report', '--cell', 'x=junit.xml');
  expect(exitCode).toBe(1);
  expect(await ran()).toBe('');
});

test('the traps are good: doctor does run what it names', async () => {
  await stranger.vmtest('doctor', 'matrix.yml');
  const names = (await ran()).split('\n');
  for (const name of ['evil', 'virsh', 'VBoxManage', 'prlctl', 'pwsh']) expect(names).toContain(name);
});
