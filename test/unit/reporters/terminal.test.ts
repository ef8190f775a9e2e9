import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Reporter } from '../../../reporters/reporter.ts';
import { createReporter } from '../../../reporters/terminal.ts';
import {
  broken,
  CWD,
  cellInfo,
  cellStory,
  failing,
  OUTPUT,
  passing,
  runStory,
  suite,
  tested,
} from './script.ts';
import { VirtualTerminal } from './terminal/virtual-terminal.ts';

beforeEach(() => {
  vi.stubEnv('LC_ALL', 'C.UTF-8');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

function create(terminal: VirtualTerminal): Reporter {
  const stdout = terminal.asStream;
  return createReporter({
    output: OUTPUT,
    cwd: CWD,
    stdout,
    stderr: stdout,
    color: false,
    columns: terminal.columns,
  });
}

const cells = [
  cellStory(
    cellInfo('debian-12/node=20'),
    [tested(1, [suite('s', passing('p'), failing('adds', 'expected 1'))])],
    {
      output: 'compiling\nadding\n\x1b[2Jthe last words\n',
    },
  ),
  cellStory(cellInfo('debian-12/node=22', 1), [tested(1, [suite('s', passing('p'))])]),
  cellStory(cellInfo('win11/node=22', 2), [
    broken(1, 'boot', { code: 'NO_BOOT', message: 'it did not boot', hint: 'look at the console' }),
  ]),
];
const { events } = runStory(cells);

test('when the run has ended, what lasts and the summary stand there, and nothing that moved', async () => {
  const terminal = new VirtualTerminal();
  const reporter = create(terminal);
  for (const event of events) reporter.onEvent?.(event);
  await reporter.finish?.();
  expect(terminal.cursorShown).toBe(true);
  expect(terminal.picture).toMatchInlineSnapshot(`
    "vmtest 0.1.0  matrix.yml  3 cells on 2 targets  seed 8841

    ✗ debian-12/node=20  1 of 2 tests failed (12.5 s)
        s > adds: expected 1
    ✓ debian-12/node=22  1 test (12.5 s)
    ! win11/node=22  boot: NO_BOOT (12.5 s)
        it did not boot
        hint: look at the console

    FAILED  debian-12/node=20  1 of 2 tests failed
        s > adds
          expected 1
        | compiling
        | adding
        | the last words
        output: vmtest-results/cells/debian-12_node-20/output.log
        again: vmtest run matrix.yml debian-12/node=20

    ERROR   win11/node=22  boot: NO_BOOT
        it did not boot
        hint: look at the console
        output: vmtest-results/cells/win11_node-22/output.log
        again: vmtest run matrix.yml win11/node=22

         node  20  22
    debian-12  ✗   ✓
    win11          !
    ✗ failed  ! error  ✓ passed

    cells    3: 1 passed, 1 failed, 1 with errors
    tests    4: 2 passed, 1 failed, 1 with errors
    time     2 min 14 s
    results  vmtest-results
    again    vmtest run matrix.yml debian-12/node=20 win11/node=22
    FAILED  exit code 1"
  `);
});

test('while it goes on, the cells at work are shown, soon after something happened', async () => {
  vi.useFakeTimers();
  const terminal = new VirtualTerminal();
  const reporter = create(terminal);
  for (const event of events.slice(0, 3)) reporter.onEvent?.(event);
  vi.advanceTimersByTime(250);
  expect(terminal.picture).toContain('▸ debian-12/node=20  restore   0:00');
  expect(terminal.picture).toContain('· win11/node=22      waiting');
  vi.advanceTimersByTime(3_000);
  expect(terminal.picture).toContain('▸ debian-12/node=20  restore   0:03');
  await reporter.finish?.();
});

test('where drawing breaks, the terminal is given back and the reporter says so', async () => {
  vi.useFakeTimers();
  const terminal = new VirtualTerminal();
  const reporter = create(terminal);
  for (const event of events.slice(0, 2)) reporter.onEvent?.(event);
  Object.defineProperty(terminal, 'columns', {
    get: () => {
      throw new Error('no such terminal');
    },
  });
  vi.advanceTimersByTime(250);
  expect(terminal.cursorShown).toBe(true);
  expect(() => reporter.onEvent?.(events[2] as (typeof events)[number])).toThrow('no such terminal');
  await expect(reporter.finish?.()).rejects.toThrow('no such terminal');
});

test('where the terminal goes away, the run goes on', async () => {
  const terminal = new VirtualTerminal();
  const reporter = create(terminal);
  reporter.onEvent?.(events[0] as (typeof events)[number]);
  terminal.emit('error', new Error('EIO'));
  await expect(reporter.finish?.()).rejects.toThrow('EIO');
});

test('nothing listens to signals', () => {
  const before = process.listenerCount('SIGINT');
  const reporter = create(new VirtualTerminal());
  reporter.onEvent?.(events[0] as (typeof events)[number]);
  expect(process.listenerCount('SIGINT')).toBe(before);
  return reporter.finish?.();
});
