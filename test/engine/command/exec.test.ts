/** Without SSH: commands through an `exec` of the user's, on a real guest. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { create, Parser } from 'tar';
import { expect, onTestFinished, test } from 'vitest';
import { commandDriver } from '../../../drivers/command/driver.ts';
import type { Machine } from '../../../drivers/driver.ts';
import type { GuestChannel } from '../../../src/guest/channel.ts';
import { exampleTarget } from '../../support/command-engine.ts';
import { CONTENTS, describeHere, makeTree, reach } from '../../support/guest-in-qemu.ts';
import { gone, open, sh } from '../../support/guest-run.ts';
import { tinyGuest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testHost } from '../../support/test-host.ts';

const never = new AbortController().signal;

/** A machine of the example whose way in is OpenSSH's client, as the `exec` of an engine that has one would be. */
async function byExec(): Promise<{ channel: GuestChannel; machine: Machine }> {
  const { key } = await tinyGuest();
  const ssh = `ssh -p 2222 -i ${key} -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ServerAliveInterval=1`;
  const exec = `exec ${ssh} "root@$(./engine.sh address | cut -d '"' -f 4)" "$VMTEST_COMMAND"`;
  const target = await exampleTarget(
    { commands: { exec: ['sh', '-c', exec] } },
    { guest: { channel: 'agent' } },
  );
  const driven = { driver: commandDriver, target, host: await testHost() };
  const opened = await open(driven);
  onTestFinished(() => gone(opened));
  await opened.machine.start(never);
  const channel = await reach({ ...driven, machine: opened.machine, kind: 'agent' });
  return { channel, machine: opened.machine };
}

test('commands and trees of files go by exec', async () => {
  const { channel } = await byExec();
  expect(await sh(channel, 'hostname; exit 3')).toEqual({ exitCode: 3, stdout: 'tiny\n' });

  const here = await scratchFolder();
  await makeTree(here);
  const tar = Readable.from(create({ cwd: here, portable: true }, ['.']), { objectMode: false });
  await channel.upload(tar, 'tree', AbortSignal.timeout(60_000));
  expect((await sh(channel, `cd tree; ${CONTENTS}`)).stdout).toBe(await describeHere(here, CONTENTS));

  const large = join('large', '4000001');
  const back: Buffer[] = [];
  const parser = new Parser({ onReadEntry: (entry) => entry.on('data', (chunk) => back.push(chunk)) });
  for await (const chunk of await channel.download('tree', [large], never)) parser.write(chunk);
  parser.end();
  expect(Buffer.concat(back).equals(await readFile(join(here, large)))).toBe(true);
});

test('a command that is aborted is ended in the guest', async () => {
  const { channel } = await byExec();
  const abort = new AbortController();
  const running = channel.exec(
    { script: 'echo begun; exec sleep 4711', shell: 'sh', cwd: '.', env: {} },
    { onStdout: () => abort.abort(new Error('enough')), onStderr: () => {} },
    abort.signal,
  );
  await expect(running).rejects.toThrow('enough');
  expect((await sh(channel, "ps | grep '[s]leep 4711'")).stdout).toBe('');
});

test('a guest that dies under a command is lost, not a failed test', async () => {
  const { channel, machine } = await byExec();
  const running = sh(channel, 'poweroff -f; sleep 60');
  await expect(running).rejects.toMatchObject({ code: 'GUEST_CONNECTION_LOST', retryable: true });
  expect(await machine.died).toBe('QEMU has ended');
});
