import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NOT_RUNNING } from '../../../../src/guest/dialect.ts';
import { killScript } from '../../../../src/guest/shell/kill.ts';
import { runIn, shells } from '../../../support/guest-shells.ts';
import { killGroup } from '../../../support/guest-ssh-server.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const node = process.execPath;
/** Programs rather than shells, so that it is clear who does what with a signal. */
const STUBBORN = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')`;

describe.each(shells)('as $name reads it', (shell) => {
  test('ends a group, by force where TERM is ignored', async () => {
    const child = await started(`${node} -e "${STUBBORN}" & exec ${node} -e "${STUBBORN}"`, 2);
    const pidFile = await pidFileOf(String(child.pid));
    // Closed is its output when both have ended.
    const ended = once(child, 'close');
    expect(runIn(shell, killScript(pidFile))).toMatchObject({ status: 0, stderr: '' });
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  test('is politely short with what heeds TERM, and says nothing where nothing is left', async () => {
    const child = await started('echo up; sleep 100', 1);
    const pidFile = await pidFileOf(String(child.pid));
    const ended = once(child, 'exit');
    expect(runIn(shell, killScript(pidFile))).toMatchObject({ status: 0, stderr: '' });
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(runIn(shell, killScript(pidFile))).toMatchObject({ status: NOT_RUNNING, stderr: '' });
  });

  test('ends what a command has left behind, and tells that the command itself was over', async () => {
    const child = await started(`${node} -e "${STUBBORN}" &`, 1);
    const pidFile = await pidFileOf(String(child.pid));
    const ended = once(child, 'close');
    expect(runIn(shell, killScript(pidFile))).toMatchObject({ status: NOT_RUNNING, stderr: '' });
    await ended;
  });
});

test('waits a moment for a command that is still on its way', async () => {
  const child = await started('echo up; sleep 100', 1);
  const pidFile = await pidFileOf('');
  const ended = once(child, 'exit');
  const killer = spawn('sh', ['-c', killScript(pidFile)]);
  await delay(150);
  await writeFile(pidFile, `${child.pid}\n`);
  expect(await once(killer, 'exit')).toEqual([0, null]);
  expect(await ended).toEqual([null, 'SIGTERM']);
});

test('does nothing where no command ever came', async () => {
  const missing = join(await scratchFolder(), 'missing.pid');
  expect(runIn({ name: 'sh', argv: ['sh'] }, killScript(missing))).toMatchObject({
    status: NOT_RUNNING,
    stderr: '',
  });
});

/** A group of its own, when it has said `up` so many times. */
async function started(script: string, times: number): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => killGroup(child.pid));
  let said = '';
  while (said.split('up').length <= times) said += (await once(child.stdout, 'data'))[0];
  // It must be read for its end to be seen.
  child.stdout.resume();
  return child;
}

async function pidFileOf(text: string): Promise<string> {
  const file = join(await scratchFolder(), 'pid');
  await writeFile(file, text === '' ? '' : `${text}\n`);
  expect(await readFile(file, 'utf8')).toContain(text);
  return file;
}
