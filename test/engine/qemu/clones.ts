/**
 * Channels into clones of one live template, with a real kernel, sshd and guest agent at the other end. A file of tests
 * begins with `beforeAll(makeTemplate)`, which fills what is exported here.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { GuestChannel } from '../../../src/guest/channel.ts';
import { packTree } from '../../../src/guest/transfer/pack.ts';
import type { Host } from '../../../src/host/host.ts';
import { outcome, reach } from '../../support/guest-in-qemu.ts';
import { prepare } from '../../support/guest-run.ts';
import { type Guest, tinyGuest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testHost } from '../../support/test-host.ts';
import { type Opened, running, soon, tinyTarget, until } from './support.ts';

export type Kind = 'agent' | 'ssh';
export const KINDS: Kind[] = ['agent', 'ssh'];

/** An ordinary user; and a clock that is years behind in every clone, as that of an old template is by and by. */
const READY = `set -e; umask 022
echo 'alice:x:1000:1000::/home/alice:/bin/sh' >>/etc/passwd
echo 'alice:x:1000:' >>/etc/group
echo 'alice:*:20000:0:99999:7:::' >>/etc/shadow
mkdir -p /home/alice; cp -r /root/.ssh /home/alice; chown -R 1000:1000 /home/alice
date -u -s '2021-01-01 00:00:00'`;

export let tiny: Guest;
export let host: Host;
/** Of the template. */
export let target: BaseTarget;

export async function makeTemplate(): Promise<void> {
  tiny = await tinyGuest();
  host = await testHost();
  target = await tinyTarget({}, { memory: 256 * 1024 ** 2, guest: { key: tiny.key, ready: READY } });
  await prepare({ driver: qemuDriver, target, host });
}

export interface Into extends Opened {
  channel: GuestChannel;
}

/** A channel into a clone of the test's own. */
export async function into(kind: Kind, user = 'root'): Promise<Into> {
  const opened = await running(target, host);
  // Nobody but root may set the clock by ssh, and is told so.
  return { ...opened, channel: await also(opened, kind, user, []) };
}

/** Another channel into the same guest. `notes` get what a person would be told. */
export function also(
  { machine }: Opened,
  kind: Kind,
  user = 'root',
  notes?: string[],
): Promise<GuestChannel> {
  const as = { ...target, guest: { ...target.guest, user } };
  return reach({ host, target: as, machine, kind, ...(notes ? { notes } : {}) });
}

/** Runs until its output has matched; `ended` is how it ends after that. */
export async function started(channel: GuestChannel, script: string, pattern = /started/) {
  let stdout = '';
  const ended = outcome(
    channel.exec(
      { script, shell: 'sh', cwd: '.', env: {} },
      {
        onStdout: (chunk) => {
          stdout += chunk;
        },
        onStderr: () => {},
      },
      soon(),
    ),
  );
  const early = await Promise.race([
    ended,
    until(`output like ${pattern}`, async () => pattern.test(stdout)),
  ]);
  if (early !== undefined) throw new Error(`it ended early: ${JSON.stringify(early)}`);
  return { ended, heard: () => stdout };
}

export async function packed(folder: string): Promise<Readable> {
  const file = join(await scratchFolder(), 'tree.tar');
  await packTree({ from: folder, exclude: [], gitignore: false, file, signal: soon() });
  return createReadStream(file);
}
