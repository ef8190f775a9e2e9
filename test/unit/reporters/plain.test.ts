import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createReporter } from '../../../reporters/plain.ts';
import type { ErrorInfo } from '../../../src/results/model.ts';
import { judge } from '../../../src/results/verdict.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { play } from './print.ts';
import {
  attempt,
  broken,
  cellInfo,
  cellStory,
  cut,
  failing,
  idleCell,
  passing,
  runStory,
  type ScriptedCell,
  suite,
  tested,
} from './script.ts';

const TIMEOUT: ErrorInfo = {
  code: 'SSH_TIMEOUT',
  message: 'the guest did not answer on 127.0.0.1:40122 within 60 s',
  hint: 'See the end of console.log; `vmtest shell debian-11` starts the same machine by hand.',
};
const good = suite('parser', passing('reads'), passing('writes'));
const bad = suite(
  'parser',
  passing('reads'),
  failing('rejects tabs', 'expected 3 to be 4'),
  failing('rejects nulls', 'TypeError: x is not a function', { file: 'test/parser.test.js', line: 12 }),
);

/** A cell that is judged by the exit code alone. */
function commandCell(id: string, index: number, exitCode: number, allowedToFail = false): ScriptedCell {
  const tail = 'linking\nerror: cannot find -lssl\nmake: *** [all] Error 1';
  const one = attempt(1, judge({ command: 'set -e\n./ci/test.sh --all', end: { exitCode }, tail }));
  return cellStory(cellInfo(id, index), [one], { output: 'hello\n', allowedToFail });
}

const print = async (...story: Parameters<typeof runStory>) =>
  (await play(createReporter, runStory(...story).events)).text;

/** From the first empty line after the cells: what a person reads at the end. */
const summary = async (...story: Parameters<typeof runStory>) =>
  (await print(...story)).split(/\[\d+\/\d+\].*?\n\n/s).at(-1);

test('one cell that passes', async () => {
  const cell = cellStory(cellInfo('debian-12/node=22'), [tested(1, [good])], {
    output: 'ok 1 - reads\nok 2 - writes\n',
  });
  expect(await print([cell])).toMatchInlineSnapshot(`
    "vmtest 0.1.0  1 cell on debian-12  seed 8841  run 20261121t093000-4f1c

    debian-12/node=22 > started
    debian-12/node=22 | ok 1 - reads
    debian-12/node=22 | ok 2 - writes
    debian-12/node=22 > PASSED  2 tests (12.5 s)  [1/1]

    cells    1: 1 passed
    tests    2: 2 passed
    time     2 min 14 s
    results  vmtest-results
    PASSED
    "
  `);
});

test('five cells, one of each fate', async () => {
  const cells = [
    cellStory(cellInfo('debian-12/node=20', 0), [tested(1, [good])], {
      output: '> npm test\n\x1b[32mok\x1b[0m 1 - reads\n',
    }),
    cellStory(cellInfo('debian-12/node=22', 1), [
      tested(1, [bad]),
      tested(2, [suite('parser', passing('reads'), passing('rejects tabs'))]),
    ]),
    cellStory(cellInfo('win11/node=22', 2), [tested(1, [bad])], {
      output: '::set-output name=x::y\n##[add-mask]x\n',
    }),
    cellStory(
      cellInfo('debian-11/node=20', 3),
      [broken(1, 'connect', TIMEOUT), broken(2, 'connect', TIMEOUT)],
      {
        files: { console: 'cells/debian-11_node-20/console.log' },
        notes: ['software emulation (tcg): no /dev/kvm'],
      },
    ),
    commandCell('freebsd-14', 4, 3, true),
  ];
  const between = [
    { type: 'target:prepare', target: 'debian-12', state: 'start', message: 'first use of this image' },
    { type: 'target:prepare', target: 'debian-12', state: 'progress', message: 'booted, settling' },
    { type: 'target:prepare', target: 'debian-12', state: 'done', message: 'live template, 31.4 s' },
    { type: 'target:note', target: 'debian-12', message: 'QEMU 7.2 with tcg: no /dev/kvm' },
  ] as const;
  expect(await print(cells, { between: [...between] })).toMatchInlineSnapshot(`
    "vmtest 0.1.0  5 cells on debian-12, win11, debian-11, freebsd-14  seed 8841  run 20261121t093000-4f1c

    debian-12         > preparing: first use of this image
    debian-12         > preparing: booted, settling
    debian-12         > prepared: live template, 31.4 s
    debian-12         > note: QEMU 7.2 with tcg: no /dev/kvm
    debian-12/node=20 > started
    debian-12/node=20 | > npm test
    debian-12/node=20 | ok 1 - reads
    debian-12/node=20 > PASSED  2 tests (12.5 s)  [1/5]
    debian-12/node=22 > started
    debian-12/node=22 > attempt 1 failed: 2 of 3 tests failed; trying again
    debian-12/node=22 > attempt 2
    debian-12/node=22 > FLAKY  passed on attempt 2 (25.1 s)  [2/5]
    win11/node=22     > started
    win11/node=22     | ::set-output name=x::y
    win11/node=22     | ## [add-mask]x
    win11/node=22     > FAILED  2 of 3 tests failed (12.5 s)  [3/5]
    win11/node=22     >   parser > rejects tabs: expected 3 to be 4
    win11/node=22     >   parser > rejects nulls (test/parser.test.js:12): TypeError: x is not a function
    debian-11/node=20 > started
    debian-11/node=20 > attempt 1 ended with an error in connect: SSH_TIMEOUT: the guest did not answer on 127.0.0.1:40122 within 60 s; trying again
    debian-11/node=20 > attempt 2
    debian-11/node=20 > note: software emulation (tcg): no /dev/kvm
    debian-11/node=20 > ERROR  connect: SSH_TIMEOUT: the guest did not answer on 127.0.0.1:40122 within 60 s (25.1 s, 2 attempts)  [4/5]
    debian-11/node=20 >   hint: See the end of console.log; \`vmtest shell debian-11\` starts the same machine by hand.
    freebsd-14        > started
    freebsd-14        | hello
    freebsd-14        > FAILED (allowed to fail)  the command ended with exit code 3 (12.5 s)  [5/5]

    FAILED  win11/node=22  2 of 3 tests failed
        parser > rejects tabs
          expected 3 to be 4
        parser > rejects nulls (test/parser.test.js:12)
          TypeError: x is not a function
        output: vmtest-results/cells/win11_node-22/output.log
        again: vmtest run matrix.yml win11/node=22

    FAILED  freebsd-14  allowed to fail
        ./ci/test.sh --all
          the command ended with exit code 3
          | linking
          | error: cannot find -lssl
          | make: *** [all] Error 1
        output: vmtest-results/cells/freebsd-14/output.log

    ERROR   debian-11/node=20  connect: SSH_TIMEOUT  2 attempts
        the guest did not answer on 127.0.0.1:40122 within 60 s
        hint: See the end of console.log; \`vmtest shell debian-11\` starts the same
        machine by hand.
        console: vmtest-results/cells/debian-11_node-20/console.log
        again: vmtest run matrix.yml debian-11/node=20

    FLAKY   debian-12/node=22  passed on attempt 2
        parser > rejects tabs

    cells    5: 1 passed, 2 failed, 1 flaky, 1 with errors (2 tried again)
    tests    9: 5 passed, 3 failed, 1 with errors
    time     2 min 14 s
    results  vmtest-results
    again    vmtest run matrix.yml win11/node=22 debian-11/node=20
    FAILED  exit code 1
    "
  `);
});

describe('the summary', () => {
  test('cells that tell the same story are told once', async () => {
    const cells = Array.from({ length: 40 }, (_, index) => {
      const info = cellInfo(`debian-${index}/node=22`, index);
      if (index % 10 === 7) return cellStory(info, [tested(1, [bad])]);
      const error = { ...TIMEOUT, message: TIMEOUT.message.replace('40122', String(40_000 + index)) };
      return index < 20
        ? cellStory(info, [broken(1, 'connect', error)], { files: {} })
        : cellStory(info, [tested(1, [good])]);
    });
    expect(await summary(cells)).toMatchInlineSnapshot(`
      "FAILED  4 cells  2 failing tests
          debian-7/node=22, debian-17/node=22, debian-27/node=22, debian-37/node=22
          parser > rejects tabs
            expected 3 to be 4
          parser > rejects nulls (test/parser.test.js:12)
            TypeError: x is not a function
          output: vmtest-results/cells/debian-7_node-22/output.log  (each cell has its own)
          again: vmtest run matrix.yml debian-7/node=22

      ERROR   18 cells  connect: SSH_TIMEOUT
          debian-0/node=22, debian-1/node=22, debian-2/node=22, debian-3/node=22,
          debian-4/node=22, debian-5/node=22, debian-6/node=22, debian-8/node=22,
          debian-9/node=22, debian-10/node=22, debian-11/node=22, debian-12/node=22
          and 6 more
          the guest did not answer on 127.0.0.1:40000 within 60 s
          hint: See the end of console.log; \`vmtest shell debian-11\` starts the same
          machine by hand.
          again: vmtest run matrix.yml debian-0/node=22

      cells    40: 18 passed, 4 failed, 18 with errors
      tests    66: 40 passed, 8 failed, 18 with errors
      time     2 min 14 s
      results  vmtest-results
      again    vmtest run matrix.yml --last-failed
      FAILED  exit code 1
      "
    `);
  });

  test('a test that fails in many cells is told once, whatever else fails in some of them', async () => {
    const ids = ['a', 'b', 'c'].flatMap((target) => [`${target}/n=1`, `${target}/n=2`]);
    const cells = ids.map((id, index) =>
      cellStory(
        cellInfo(id, index),
        [
          tested(1, [
            suite(
              's',
              id.endsWith('2') ? failing('reads', `port ${4000 + index} is in use`) : passing('reads'),
              id === 'b/n=2' ? failing('writes', 'no space left') : passing('writes'),
            ),
          ]),
        ],
        { allowedToFail: id.startsWith('a'), output: 'last words\n' },
      ),
    );
    expect((await summary(cells))?.split('cells    ')[0]).toMatchInlineSnapshot(`
      "FAILED  3 cells  1 failing test  1 allowed to fail
          a/n=2, b/n=2, c/n=2
          wherever n is 2
          s > reads
            port 4001 is in use
          output: vmtest-results/cells/b_n-2/output.log  (each cell has its own)
          again: vmtest run matrix.yml b/n=2

      FAILED  b/n=2  1 failing test
          s > writes
            no space left
          output: vmtest-results/cells/b_n-2/output.log
          again: vmtest run matrix.yml b/n=2

      "
    `);
  });

  test('a test that failed before says how often', async () => {
    const again = failing('t', 'no', { recent: { runs: 20, failed: 3, flaky: 1 } });
    expect(await summary([cellStory(cellInfo('a'), [tested(1, [suite('s', again)])])])).toContain(
      '    s > t\n      no\n      failed in 3 of the 20 runs before, flaky in 1\n',
    );
  });

  test('a red cell without a failing test is told, too', async () => {
    const { info, result, events } = cellStory(cellInfo('a'), [tested(1, [good])]);
    const red = { ...result, outcome: 'failed' as const };
    expect(await summary([{ info, result: red, events }])).toContain(
      'FAILED  a\n    the cell itself\n      no test says why\n',
    );
  });

  test('the picture of a clean state that could not be made is one for all cells of the target', async () => {
    const files = { screen: 'cells/a/screen.png' };
    const cells = ['a', 'b'].map((id, index) =>
      cellStory(cellInfo(id, index), [broken(1, 'restore', TIMEOUT)], { files }),
    );
    expect(await summary(cells)).toContain('\n    screen: vmtest-results/cells/a/screen.png\n');
  });

  test('a command that hung names the picture of the screen', async () => {
    const hung = { message: 'it printed nothing', type: 'vmtest.timeout' };
    const cell = tested(1, [suite('command', { name: './t', status: 'failed', failures: [hung] })]);
    const files = { console: 'cells/a/console.log', screen: 'cells/a/screen.png' };
    expect(await summary([cellStory(cellInfo('a'), [cell], { files })])).toContain(
      '    console: vmtest-results/cells/a/console.log\n    screen: vmtest-results/cells/a/screen.png\n',
    );
  });

  test('a command without result files shows its last words', async () => {
    expect(await summary([commandCell('freebsd-14', 0, 3)])).toMatchInlineSnapshot(`
      "FAILED  freebsd-14
          ./ci/test.sh --all
            the command ended with exit code 3
            | linking
            | error: cannot find -lssl
            | make: *** [all] Error 1
          output: vmtest-results/cells/freebsd-14/output.log

      cells    1: 1 failed
      tests    1: 1 failed
      time     2 min 14 s
      results  vmtest-results
      again    vmtest run matrix.yml freebsd-14
      FAILED  exit code 1
      "
    `);
  });

  test('an error shows the end of what the engine said, and the console of a guest that never answered', async () => {
    const details = Array.from({ length: 9 }, (_, i) => `qemu: line ${i}`).join('\n');
    const files = { output: 'cells/a/output.log', console: 'cells/a/console.log' };
    const lines = async (phase: 'boot' | 'run') =>
      (
        await summary([
          cellStory(cellInfo('a'), [broken(1, phase, { code: 'X', message: 'x', details })], { files }),
        ])
      )
        ?.split('\n')
        .slice(0, 8);
    const told = ['    x', ...[4, 5, 6, 7, 8].map((i) => `    | qemu: line ${i}`)];
    expect(await lines('boot')).toEqual([
      'ERROR   a  boot: X',
      ...told,
      '    console: vmtest-results/cells/a/console.log',
    ]);
    expect(await lines('run')).toEqual([
      'ERROR   a  run: X',
      ...told,
      '    output: vmtest-results/cells/a/output.log',
    ]);
  });

  test('an interrupted run', async () => {
    const cells = [
      cellStory(cellInfo('a', 0), [tested(1, [good])]),
      cellStory(cellInfo('b', 1), [cut(1, 'run', 'interrupted')]),
      ...Array.from({ length: 3 }, (_, i) =>
        idleCell(cellInfo(`c${i}`, i + 2), { outcome: 'cancelled', reason: 'interrupted' }),
      ),
    ];
    const text = await print(cells, {
      interrupted: true,
      between: [{ type: 'run:cancel', reason: 'interrupted (Ctrl-C)', interrupted: true, grace: 5_000 }],
    });
    expect(text).toMatchInlineSnapshot(`
      "vmtest 0.1.0  5 cells on 5 targets  seed 8841  run 20261121t093000-4f1c

      stopping: interrupted (Ctrl-C)
      a  > started
      a  > PASSED  2 tests (12.5 s)  [1/5]
      b  > started
      b  > CANCELLED  in run (12.5 s)  [2/5]

      cells    5: 1 passed, 4 cancelled
      tests    6: 2 passed, 4 skipped
      time     2 min 14 s
      results  vmtest-results
      again    vmtest run matrix.yml b c0 c1 c2
      CANCELLED  exit code 130
      "
    `);
  });

  test('a retried command says how it ended', async () => {
    const story = (number: number, exitCode: number) =>
      attempt(number, judge({ command: 'make', end: { exitCode } }));
    const text = await print([cellStory(cellInfo('a'), [story(1, 3), story(2, 0)])]);
    expect(text).toContain('a > attempt 1 failed: the command ended with exit code 3; trying again\n');
  });

  test('a skipped cell says why when it comes', async () => {
    const text = await print([
      idleCell(cellInfo('mac'), { outcome: 'skipped', reason: 'parallels is not on this host' }),
    ]);
    expect(text).toContain('mac > SKIPPED  parallels is not on this host  [1/1]\n');
  });

  test('many different failures: some in full, more by a line, the rest by number', async () => {
    const cells = Array.from({ length: 130 }, (_, i) =>
      cellStory(cellInfo(`t${i}`, i), [tested(1, [suite('s', failing(`f${i}`, 'no'))])]),
    );
    const text = (await summary(cells)) ?? '';
    expect(text.match(/^FAILED {2}t\d+ {2}1 of 1 test failed$/gm)).toHaveLength(120);
    expect(text.match(/^ {4}s > f\d+$/gm)).toHaveLength(20);
    expect(text).toContain('… and 10 more: results.json has them all');
  });

  test('many failing tests of a cell: the first and a number', async () => {
    const tests = Array.from({ length: 9 }, (_, i) => failing(`f${i}`, `m${i}`));
    const text = await summary([cellStory(cellInfo('a'), [tested(1, [suite('s', ...tests)])])]);
    expect(text).toContain('s > f4\n      m4\n    … and 4 more tests\n');
  });
});

describe('the command that runs failed cells again', () => {
  const again = async (...story: Parameters<typeof runStory>) =>
    /^again +(.*)$/m.exec(await print(...story))?.[1];
  const fail = (id: string, index: number, allowedToFail = false) =>
    cellStory(cellInfo(id, index), [tested(1, [bad])], { allowedToFail });
  const pass = (id: string, index: number) => cellStory(cellInfo(id, index), [tested(1, [good])]);

  test('names them, quoted for a shell', async () => {
    expect(await again([fail('a/os=my system', 0), pass('b', 1), fail('c', 2), fail('d', 3, true)])).toBe(
      "vmtest run matrix.yml 'a/os=my system' c",
    );
  });

  test('without a known file', async () => {
    const { events } = runStory([fail('a', 0)]);
    for (const event of events) if (event.type === 'run:end') delete event.result.run.matrix;
    expect((await play(createReporter, events)).text).toContain('\nagain    vmtest run a\n');
  });

  test('is --last-failed when the ids are many, stand for others too, or are globs', async () => {
    const last = 'vmtest run matrix.yml --last-failed';
    expect(await again(Array.from({ length: 50 }, (_, i) => fail(`cell-${i}`, i)))).toBe(last);
    expect(await again([fail('a', 0), pass('a/node=22', 1)])).toBe(last);
    expect(await again([fail('a/glob=*', 0)])).toBe(last);
  });

  test('copies made by --repeat are run by their original', async () => {
    expect(await again([pass('a', 0), fail('a#2', 0), fail('a#3', 0)])).toBe('vmtest run matrix.yml a');
  });

  test('is not there when nothing failed', async () => {
    expect(await again([pass('a', 0)])).toBeUndefined();
  });
});

describe('lines', () => {
  const cells = [
    cellStory(cellInfo('a-long-target/node=22', 0), [tested(1, [good])]),
    cellStory(cellInfo('b', 1), [tested(1, [good])]),
  ];

  test('each event is one write of whole lines, so that nothing can come between', async () => {
    const { events } = runStory(cells);
    const said = (text: string) => ({
      type: 'cell:output' as const,
      cell: cellInfo('b', 1),
      attempt: 1,
      stream: 'stderr' as const,
      text,
    });
    const out = await play(createReporter, [
      ...events.slice(0, 1),
      said('one\ntwo\n'),
      said('no end'),
      said('\n'),
    ]);
    expect(out.writes.slice(1, 4)).toEqual([
      'b                     | one\nb                     | two\n',
      'b                     | no end\n',
      'b                     | \n',
    ]);
    expect(out.writes.filter((text) => text !== '').every((text) => text.endsWith('\n'))).toBe(true);
  });

  test('ids that are too long stick out, and the others are not pushed along', async () => {
    const text = await print([cellStory(cellInfo(`x/${'y'.repeat(60)}=1`), [tested(1, [good])]), ...cells]);
    expect(text).toContain(`\n${'b'.padEnd(32)} > started\n`);
    expect(text).toContain(`\nx/${'y'.repeat(60)}=1 > started\n`);
  });

  test('no guest text moves the cursor, colours or commands, with colours on or off', async () => {
    const evil = '\x1b[2J\x1b]0;t\x07::error::x ##[x]\x9b0m\x00';
    const info = cellInfo('a');
    const story = cellStory(
      info,
      [
        tested(1, [suite(evil, failing(evil, evil))]),
        broken(2, 'run', { code: evil, message: evil, hint: evil }),
      ],
      {
        output: `${evil}\n${evil}`,
        notes: [evil],
      },
    );
    const { events } = runStory([
      story,
      cellStory(cellInfo('b', 1), [tested(1, [suite(evil, failing(evil, evil))])]),
    ]);
    for (const color of [true, false]) {
      const { text } = await play(createReporter, events, { color });
      const bare = color ? text.replaceAll(/\x1b\[\d{1,2}m/g, '') : text;
      expect(bare).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      expect(bare).not.toMatch(/^\s*::|##\[/m);
    }
  });

  test('colours are for the terminal only', async () => {
    const { events } = runStory(cells);
    expect((await play(createReporter, events, { color: true })).text).toContain('\x1b[32mPASSED\x1b[39m');
    const path = join(await scratchFolder(), 'logs', 'plain.log');
    const out = await play(createReporter, events, { color: true, path });
    expect(out.text).toBe('');
    expect(await readFile(path, 'utf8')).toBe((await play(createReporter, events)).text);
  });

  test('an output folder outside the current one is shown whole', async () => {
    const { events } = runStory(cells);
    expect((await play(createReporter, events, { output: '/elsewhere/out' })).text).toContain(
      'results  /elsewhere/out\n',
    );
  });

  test('a log that cannot be written is an error at the end', async () => {
    const folder = await scratchFolder();
    await expect(play(createReporter, runStory(cells).events, { path: folder })).rejects.toThrow('EISDIR');
  });
});
