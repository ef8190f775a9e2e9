/** The libvirt of a user without rights. Nothing leads into its guests by itself: their network is QEMU's own. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyGuest } from '../../support/guests.ts';
import { libvirtSession, type Session, USER_NETWORK } from '../../support/libvirt-session.ts';
import { CLI } from '../../support/project.ts';

const run = promisify(execFile);

let home: string;
let session: Session;
beforeAll(async () => {
  home = await mkdtemp('/tmp/vmt-');
  session = await libvirtSession(home);
});
afterAll(async () => {
  await session?.end();
  await rm(home, { recursive: true, force: true });
});

const target = (vm: string, channel: string) =>
  `{ engine: libvirt, uri: 'qemu:///session', vm: ${vm}, snapshot: clean, guest: { user: root, key: key, channel: ${channel} } }`;
const matrix = (vm: string) => `version: 1
targets:
  forwarded: ${target(vm, 'ssh')}
  agent: ${target(vm, 'agent')}
test:
  upload: { from: ., to: work, exclude: [key] }
  run: test ! -e /root/mark && touch /root/mark && cp matrix.yml came.txt
  artifacts: [came.txt]
`;

test('two cells at once: by a port that vmtest forwards, and by the agent', async () => {
  const { libvirt } = session;
  const vm = `session-${process.pid}`;
  const uuid = await libvirt.define({ name: vm, interface: USER_NETWORK });
  await libvirt.virsh('snapshot-create-as', '--domain', uuid, '--name', 'clean', '--disk-only');
  const project = join(home, 'project');
  await mkdir(project);
  await copyFile((await tinyGuest()).key, join(project, 'key'));
  await writeFile(join(project, 'matrix.yml'), matrix(vm));
  const { uid, gid } = await stat(home);
  await run('chown', ['-R', `${uid}:${gid}`, project]);

  const cli = ['env', `--chdir=${project}`, process.execPath, CLI, 'run', 'matrix.yml'];
  expect((await session.run(...cli)).said).toContain('2 passed');
  for (const cell of ['forwarded', 'agent']) {
    const result = (...path: string[]) =>
      readFile(join(project, 'vmtest-results', 'cells', cell, ...path), 'utf8');
    expect(await result('artifacts', 'came.txt'), cell).toBe(matrix(vm));
    expect(await result('console.log'), cell).toContain('tiny: ready');
  }
  expect(await libvirt.leftovers()).toEqual([]);
});
