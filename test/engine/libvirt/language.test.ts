/** A libvirt that speaks German, and a user who does: virsh can be told to speak English, its daemon cannot. */
import { execFile } from 'node:child_process';
import { chown, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyGuest } from '../../support/guests.ts';
import { libvirtSession, type Session, USER_NETWORK } from '../../support/libvirt-session.ts';
import { CLI } from '../../support/project.ts';

const run = promisify(execFile);

let home: string;
let session: Session;
let german: string[];
beforeAll(async () => {
  home = await mkdtemp('/tmp/vmt-');
  session = await libvirtSession(home);
  const locales = join(home, 'locales');
  await mkdir(locales);
  await run('localedef', ['-i', 'de_DE', '-f', 'UTF-8', join(locales, 'de_DE.UTF-8')]);
  german = [`LOCPATH=${locales}`, 'LC_ALL=de_DE.UTF-8'];
  // As systemd would, with the language of the system; one that virsh has to start would speak English.
  await session.run('env', ...german, 'libvirtd', '--daemon');
});
afterAll(async () => {
  await session?.end();
  await rm(home, { recursive: true, force: true });
});

test('is told apart all the same: VM, snapshot, a VM that runs; and cells pass', async () => {
  const { libvirt } = session;
  const vm = `deutsch-${process.pid}`;
  const uuid = await libvirt.define({ name: vm, interface: USER_NETWORK });
  await libvirt.virsh('snapshot-create-as', '--domain', uuid, '--name', 'clean', '--disk-only');
  const busy = `${vm}-busy`;
  const running = await libvirt.define({ name: busy, interface: USER_NETWORK });
  await libvirt.virsh('snapshot-create-as', '--domain', running, '--name', 'inside');
  await libvirt.virsh('start', '--domain', running);

  const ask = ['env', 'LC_ALL=C', 'virsh', '--connect', 'qemu:///session', 'snapshot-info', uuid, 'claen'];
  const missing = await session.run(...ask);
  expect(missing.said).toContain('nicht gefunden');

  const target = (name: string, snapshot: string) =>
    `{ engine: libvirt, uri: 'qemu:///session', vm: ${name}, snapshot: ${snapshot}, guest: { key: key, channel: agent } }`;
  const matrix = (targets: Record<string, string>) => `version: 1
targets:
${Object.entries(targets)
  .map(([name, text]) => `  ${name}: ${text}`)
  .join('\n')}
test: { run: 'true' }
`;
  const project = join(home, 'project');
  await mkdir(project);
  await copyFile((await tinyGuest()).key, join(project, 'key'));
  await writeFile(join(project, 'good.yml'), matrix({ good: target(vm, 'clean') }));
  await writeFile(
    join(project, 'bad.yml'),
    matrix({
      none: target(`${vm}x`, 'clean'),
      typo: target(vm, 'claen'),
      busy: target(busy, 'inside'),
    }),
  );
  await run('chown', ['-R', '65534:65534', project]);
  await chown(home, 65534, 65534);
  const vmtest = (...args: string[]) =>
    session.run('env', `--chdir=${project}`, ...german, process.execPath, CLI, ...args);

  const bad = await vmtest('run', 'bad.yml');
  for (const code of ['VM_MISSING', 'SNAPSHOT_MISSING', 'VM_RUNNING']) expect(bad.said).toContain(code);
  expect(bad.exitCode).toBe(3);
  const good = await vmtest('run', 'good.yml');
  expect(good.said).toContain('1 passed');
  expect(await libvirt.leftovers()).toEqual([]);
});
