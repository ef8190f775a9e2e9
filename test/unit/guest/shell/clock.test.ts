import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkClock, clockScript } from '../../../../src/guest/shell/clock.ts';
import { runIn, shells } from '../../../support/guest-shells.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const NOW = 1_900_000_000;

/** Stand-ins that know one system's ways and keep the clock in a file. */
const DATES = {
  gnu: 'case "$*" in "-u +%s") cat clock;; "-u -s @"*) echo "$3" | tr -d @ >clock; echo ok;; *) exit 1;; esac',
  bsd: 'case "$*" in "-u +%s") cat clock;; "-u -f %s "*) echo "$4" >clock; echo ok;; *) exit 1;; esac',
  powerless: 'case "$*" in "-u +%s") cat clock;; *) echo "Operation not permitted" >&2; exit 1;; esac',
};

interface Guest {
  date: keyof typeof DATES;
  uid: number;
  sudo: 'none' | 'works' | 'refuses';
  clock: number;
}

async function guest({ date, uid, sudo, clock }: Guest) {
  const folder = await scratchFolder();
  const program = async (name: string, text: string) => {
    await writeFile(join(folder, name), `#!/bin/sh\ncd ${folder} || exit 9\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  };
  await program('date', DATES[date]);
  await program('id', `echo ${uid}`);
  if (sudo !== 'none') await program('sudo', sudo === 'works' ? 'shift; exec "$@"' : 'exit 1');
  await writeFile(join(folder, 'clock'), `${clock}\n`);
  return { folder, env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` } };
}

describe.each(shells)('as $name reads it', (shell) => {
  test.each([
    ['GNU and busybox', { date: 'gnu', uid: 0, sudo: 'none', clock: NOW - 5000 }],
    ['BSD and macOS', { date: 'bsd', uid: 0, sudo: 'none', clock: NOW + 77 }],
    ['a user with sudo', { date: 'gnu', uid: 1000, sudo: 'works', clock: 0 }],
  ] satisfies [string, Guest][])('sets the clock: %s', async (_, settings) => {
    const { folder, env } = await guest(settings);
    expect(runIn(shell, clockScript(NOW), { env })).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect((await readFile(join(folder, 'clock'), 'utf8')).trim()).toBe(String(NOW));
  });

  test('leaves alone a clock that is right', async () => {
    const { folder, env } = await guest({ date: 'powerless', uid: 1000, sudo: 'refuses', clock: NOW - 1 });
    expect(runIn(shell, clockScript(NOW), { env }).status).toBe(0);
    expect((await readFile(join(folder, 'clock'), 'utf8')).trim()).toBe(String(NOW - 1));
  });

  test('says why a clock was not set', async () => {
    const user = await guest({ date: 'powerless', uid: 1000, sudo: 'refuses', clock: 5 });
    const root = await guest({ date: 'powerless', uid: 0, sudo: 'none', clock: 5 });
    const why = (env: NodeJS.ProcessEnv) => () =>
      checkClock({ exitCode: runIn(shell, clockScript(NOW), { env }).status ?? -1 });
    expect(why(user.env)).toThrow(
      expect.objectContaining({ code: 'GUEST_CLOCK', message: expect.stringContaining('sudo') }),
    );
    expect(why(root.env)).toThrow(
      expect.objectContaining({ code: 'GUEST_CLOCK', message: expect.stringContaining('`date`') }),
    );
  });
});
