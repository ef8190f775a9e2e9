import { expect, test } from 'vitest';
import { linkSignal, sleep, withDeadline } from '../../../src/host/deadline.ts';
import { exec } from '../../../src/host/exec.ts';
import { waitedFor, waitsFor } from '../../../src/host/waits.ts';

const forever = new AbortController().signal;

test('a deadline names the command that it waited for', async () => {
  // The first one takes its time to load.
  await exec(['true']);
  const waiting = withDeadline(forever, 50, 'phase restore', (signal) =>
    exec(['tail', '-f', '/dev/null'], { signal }),
  );
  await expect(waiting).rejects.toMatchObject({
    message: 'phase restore took longer than 0.1 s; it waited for the command tail',
  });
});

test('a command is named without what may be a secret', async () => {
  const argv = ['sh', '-c', 'sleep 600', 'a-password'] as const;
  for (const [more, name] of [
    [{}, 'sh'],
    [{ name: 'sh sleeping' }, 'sh sleeping'],
  ] as const) {
    const waiting = withDeadline(forever, 50, 'work', (signal) => exec(argv, { signal, ...more }));
    await expect(waiting).rejects.toThrow(new RegExp(`; it waited for the command ${name}$`));
  }
});

test('a deadline names the deadlines within it, from the outermost on', async () => {
  const waiting = withDeadline(forever, 50, 'phase restore', (signal) =>
    withDeadline(signal, 60_000, 'starting the machine,', (inner) => {
      waitsFor(inner, 'its greeting');
      return sleep(60_000, inner);
    }),
  );
  await expect(waiting).rejects.toMatchObject({
    message: expect.stringMatching(/; it waited for starting the machine, its greeting$/),
  });
});

test('what has ended, and what goes on elsewhere, is not named', () => {
  const here = linkSignal(forever);
  const elsewhere = linkSignal(forever);
  const ended = waitsFor(here.signal, 'one');
  waitsFor(here.signal, 'another');
  waitsFor(elsewhere.signal, 'a third');
  ended();
  expect(waitedFor(here.signal)).toEqual(['another']);
});

test('a command that takes too long is told as logs may show it', async () => {
  const shown = ['sh', '-c', '…'] as const;
  await expect(exec(['sh', '-c', 'sleep 600', 'a-password'], { timeout: 50, shown })).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: "the command sh -c '…' took longer than 0.1 s",
  });
});
