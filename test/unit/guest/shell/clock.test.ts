import { describe, expect, test } from 'vitest';
import { checkClock, clockScript } from '../../../../src/guest/shell/clock.ts';
import { type GuestClock, guestClock } from '../../../support/guest-clock.ts';
import { runIn, shells } from '../../../support/guest-shells.ts';

const NOW = 1_900_000_000;

describe.each(shells)('as $name reads it', (shell) => {
  test.each([
    ['GNU and busybox', { date: 'gnu', uid: 0, sudo: 'none', clock: NOW - 5000 }],
    ['BSD and macOS', { date: 'bsd', uid: 0, sudo: 'none', clock: NOW + 77 }],
    ['a user with sudo', { date: 'gnu', uid: 1000, sudo: 'works', clock: 0 }],
  ] satisfies [string, GuestClock][])('sets the clock: %s', async (_, settings) => {
    const { env, now } = await guestClock(settings);
    expect(runIn(shell, clockScript(NOW), { env })).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(await now()).toBe(NOW);
  });

  test('leaves alone a clock that is right', async () => {
    const { env, now } = await guestClock({ date: 'powerless', uid: 1000, sudo: 'refuses', clock: NOW - 1 });
    expect(runIn(shell, clockScript(NOW), { env }).status).toBe(0);
    expect(await now()).toBe(NOW - 1);
  });

  test('says why a clock was not set', async () => {
    const user = await guestClock({ date: 'powerless', uid: 1000, sudo: 'refuses', clock: 5 });
    const root = await guestClock({ date: 'powerless', uid: 0, sudo: 'none', clock: 5 });
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
