/** Programs as people write them, and all that goes wrong with them. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { UserEngine } from '../../../../drivers/command/engine.ts';
import { MOST_ANSWER, runProgram } from '../../../../drivers/command/run-program.ts';
import { spawn } from '../../../../src/host/exec.ts';
import { scriptedEngine, subject } from '../../../support/command-script.ts';

const never = new AbortController().signal;

/** What `status` comes to when the program is this script. */
async function status(script: string): Promise<unknown> {
  const { engine } = await scriptedEngine(script);
  return engine.call('status', subject, never).catch((error: unknown) => error);
}

describe('answers', () => {
  test('an object, on one line or several, with progress on stderr', async () => {
    expect(await status(`echo '{"state":"running"}'`)).toEqual({ state: 'running' });
    const { engine, log } = await scriptedEngine(
      `echo one >&2; printf 'two\\n\\nthree' >&2; printf '{\\n"state":\\n"absent"}\\n\\n'`,
    );
    expect(await engine.call('status', subject, never)).toEqual({ state: 'absent' });
    expect(log).toEqual(['t: status: one', 't: status: two', 't: status: three']);
  });

  test('nothing, where there is nothing to say', async () => {
    const { engine } = await scriptedEngine('exit 0');
    for (const verb of ['probe', 'restore', 'start', 'address', 'stop', 'screenshot', 'release'] as const) {
      expect(await engine.call(verb, subject, never)).toEqual({});
    }
  });

  test('of a program that leaves something running with its stdout', async () => {
    const { engine, folder } = await scriptedEngine(`
      (while [ -e file ]; do sleep 0.05; done) & echo '{"host":"::1","port":22}'`);
    await writeFile(join(folder, 'file'), '');
    expect(await engine.call('address', subject, never)).toEqual({ host: '::1', port: 22 });
  });

  test('of a program that reads its request late, or not at all', async () => {
    expect(await status(`sleep 0.2; cat >/dev/null; echo '{"state":"running"}'`)).toEqual({
      state: 'running',
    });
  });

  test.each([
    ['no JSON', 'echo started', /^sh -c .* answered with something that is not JSON .*: started$/],
    ['several answers', `echo '{}'; echo '{}'`, /answered with 2 lines that are not one JSON object/],
    ['progress on stdout', `echo wait; echo '{"state":"running"}'`, /2 lines/],
    ['no object', 'echo "[]"', /answered \[\]: the answer must be object/],
    ['nothing', 'exit 0', /answered nothing: the answer must have required property 'state'/],
    ['another value', `echo '{"state":"up"}'`, /`state` must be one of running, stopped, absent/],
    ['another type', `echo '{"state":"running","reason":7}'`, /`reason` must be string/],
    ['an unknown key', `echo '{"state":"running","pid":7}'`, /the answer has an unknown key `pid`/],
    ['no UTF-8', `printf '{"state":"\\377"}'`, /answered with bytes that are not UTF-8/],
    ['too much', `head -c ${MOST_ANSWER + 1} /dev/zero`, /answered with more than 1048576 bytes/],
    ['too much without end', `cat /dev/zero`, /answered with more than 1048576 bytes/],
  ])('%s is no answer', async (_what, script, message) => {
    expect(await status(`echo 'last words' >&2; ${script}`)).toMatchObject({
      code: 'COMMAND_ANSWER',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('{"state":"running"}'),
      details: 'last words\n',
      retryable: false,
    });
  });

  test('a port without a host', async () => {
    const { engine } = await scriptedEngine(`echo '{"port":22}'`);
    await expect(engine.call('address', subject, never)).rejects.toMatchObject({
      code: 'COMMAND_ANSWER',
      message: expect.stringContaining('`port` goes with a `host`'),
    });
  });
});

describe('failures', () => {
  test('in the words of the program', async () => {
    const told = { code: 'BHYVE_FULL', message: 'no room', hint: 'Make some.', retryable: true };
    expect(await status(`echo why >&2; echo '${JSON.stringify(told)}'; exit 1`)).toMatchObject({
      ...told,
      details: 'why\n',
    });
    expect(await status(`echo '{"message":"no room"}'; exit 1`)).toMatchObject({
      code: 'COMMAND_FAILED',
      message: 'no room',
      retryable: false,
    });
  });

  test.each([
    ['its last words', 'echo first >&2; echo last >&2; exit 3', /failed with 3: last$/],
    ['silence', 'exit 3', /failed with 3: it said nothing$/],
    ['an answer', `echo '{"state":"running"}'; exit 3`, /failed with 3: it said nothing$/],
    ['an error that is none', `echo '{"message":""}'; echo why >&2; exit 3`, /failed with 3: why$/],
  ])('with %s', async (_what, script, message) => {
    expect(await status(script)).toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('"message"'),
    });
  });

  test('by a signal', async () => {
    expect(await status('echo oops >&2; kill -KILL $$')).toMatchObject({
      code: 'COMMAND_KILLED',
      message: expect.stringMatching(/was ended by SIGKILL$/),
      retryable: true,
      details: 'oops\n',
    });
  });
});

describe('programs that do not end', () => {
  /** A program with a child, both of which ignore TERM, and which writes down that it lives. */
  const STUBBORN = `
    beat() { trap '' TERM; while :; do date +%s%N >"$1"; sleep 0.02; done; }
    echo hanging >&2; beat child & beat parent`;
  const beats = (folder: string) =>
    Promise.all(['child', 'parent'].map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  const dead = async (folder: string) => {
    for (;;) {
      const before = await beats(folder);
      await delay(300);
      if ((await beats(folder)).join() === before.join()) return true;
    }
  };

  test('have a deadline, and are ended with all that they started', async () => {
    const { folder } = await scriptedEngine('');
    const hung = runProgram(spawn, {
      argv: ['sh', '-c', STUBBORN],
      cwd: folder,
      env: {},
      input: '',
      timeout: 1_500,
      what: './engine.sh start',
      signal: never,
      onLine: () => {},
    });
    await expect(hung).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: './engine.sh start took longer than 1.5 s',
      details: 'hanging\n',
    });
    expect(await dead(folder)).toBe(true);
  });

  test('are ended with the phase that they belong to', async () => {
    const { engine, folder, log } = await scriptedEngine(STUBBORN);
    const abort = new AbortController();
    const start = engine.call('start', subject, abort.signal);
    start.catch(() => {});
    while (log.length === 0) await delay(10);
    abort.abort(new Error('enough'));
    await expect(start).rejects.toThrow('enough');
    expect(await dead(folder)).toBe(true);
  });

  test('are not started when it is too late', async () => {
    const { engine, folder } = await scriptedEngine('echo >file');
    const call = engine.call('start', subject, AbortSignal.abort(new Error('too late')));
    await expect(call).rejects.toThrow('too late');
    await expect(readFile(join(folder, 'file'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('programs that cannot be started', () => {
  async function started(text: string, mode: number, program = './engine.sh'): Promise<unknown> {
    const { folder, host } = await scriptedEngine('');
    await writeFile(join(folder, 'engine.sh'), text);
    await chmod(join(folder, 'engine.sh'), mode);
    const engine = new UserEngine(host, { program: [program], folder });
    return engine.call('start', subject, never).catch((error: unknown) => error);
  }

  test('one that lies in the folder is found there', async () => {
    expect(await started('#!/bin/sh\necho "{}"\n', 0o755)).toEqual({});
  });

  test.each([
    ['is not there', 0o755, './nowhere.sh', 'COMMAND_PROGRAM_MISSING'],
    ['is in no folder of PATH', 0o755, 'no-such-program', 'COMMAND_PROGRAM_MISSING'],
    ['may not be run', 0o644, './engine.sh', 'COMMAND_NOT_EXECUTABLE'],
    ['has no interpreter', 0o755, './engine.sh', 'COMMAND_NO_INTERPRETER'],
  ])('one that %s', async (_what, mode, program, code) => {
    expect(await started('#!/nowhere/sh\n', mode, program)).toMatchObject({
      code,
      hint: expect.any(String),
    });
  });
});
