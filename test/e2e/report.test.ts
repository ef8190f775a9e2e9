/** `vmtest report` as CI jobs call it: shards merged, runs that died retold, runs compared. */
import { cp, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type Project, project } from '../support/project.ts';

const MATRIX = `version: 1
targets:
  box: { engine: fake, junit: { pass: 2, skip: 1 } }
  bad: { engine: fake, junit: { pass: 1, fail: 1 } }
  shaky: { engine: fake, junit: { pass: 1 }, fail: { run: { times: 1, exit-code: 7 } } }
  broken: { engine: fake, fail: { boot: { code: BROKEN_BOOT } } }
  gone: { engine: fake, unavailable: no such snapshot }
matrix: { target: [box, bad, shaky, broken, gone], node: [20, 3.10, 22] }
retries: { test: 1, error: 0 }
test: { run: 'true', results: ['reports/*.xml'] }
`;

const REPORTS = ['-r', 'junit', '-r', 'json'];

/** All that may differ between two runs of the same tests. */
const timeless = (xml: string) => xml.replace(/ (?:time|timestamp)="[^"]*"/g, '');

async function runShards(p: Project, count: number, ...more: string[]): Promise<string[]> {
  const folders = [];
  for (let index = 1; index <= count; index++) {
    folders.push(`shards/${index}`);
    await p.vmtest('run', '--shard', `${index}/${count}`, '-o', `shards/${index}`, ...REPORTS, ...more);
  }
  return folders;
}

describe('shards', () => {
  test.each([2, 4])('of %d hosts give the junit.xml of one run, but for times', async (count) => {
    const p = await project({ 'matrix.yml': MATRIX });
    const whole = await p.vmtest('run', ...REPORTS);
    const expected = await p.read('vmtest-results/junit.xml');
    const { summary, cells } = await p.results();
    expect(new Set(cells.map(({ outcome }) => outcome)).size).toBeGreaterThan(2);
    const folders = await runShards(p, count);
    // In the same place, for files are named by their paths; shells may order folders in any way.
    const merged = await p.vmtest('report', ...folders.toReversed(), ...REPORTS);
    expect(merged).toMatchObject({ exitCode: whole.exitCode, stderr: '' });
    expect(timeless(await p.read('vmtest-results/junit.xml'))).toBe(timeless(expected));
    const results = await p.results();
    expect(results.summary).toEqual(summary);
    expect(results.cells.map(({ id, files }) => [id, files])).toEqual(
      cells.map(({ id, files }) => [id, files]),
    );
    expect(await p.read('vmtest-results/cells/box_node-20/output.log')).toContain('$ true');
    for (const { slug } of cells) {
      expect(await p.read('vmtest-results/cells', slug, 'junit.xml')).toContain(`hostname="${slug}"`);
    }
  });

  test('copies of --repeat keep their order', async () => {
    const p = await project({ 'matrix.yml': MATRIX });
    await p.vmtest('run', 'box', '--repeat', '2', ...REPORTS);
    const expected = await p.read('vmtest-results/junit.xml');
    await p.vmtest('report', ...(await runShards(p, 2, 'box', '--repeat', '2')), ...REPORTS);
    expect(timeless(await p.read('vmtest-results/junit.xml'))).toBe(timeless(expected));
  });

  test('one that is missing is 3, and red in every report', async () => {
    const p = await project({ 'matrix.yml': MATRIX });
    const [first = ''] = await runShards(p, 5, 'box', '!node=22');
    expect((await p.vmtest('run', '--shard', '1/3', 'box', '-o', first, ...REPORTS)).exitCode).toBe(0);
    await p.vmtest('run', '--shard', '3/3', 'box', '-o', 'third', ...REPORTS);
    const merged = await p.vmtest('report', first, 'third');
    expect(merged.exitCode).toBe(3);
    expect(merged.stderr).toContain('a shard is missing: 2/3 [SHARD_MISSING]');
    expect(await p.read('vmtest-results/junit.xml')).toContain(
      'message="SHARD_MISSING: a shard is missing: 2/3"',
    );
    expect((await p.results()).run).toMatchObject({ outcome: 'error', exitCode: 3 });
  });
});

describe('a run that was killed', () => {
  test('is retold from its events; what ran is an error, what waited is cancelled', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets:
  quick: { engine: fake }
  slow: { engine: fake, latency: { run: 60s } }
matrix: { target: [quick, slow], n: [1, 2] }
limits: { jobs: 1 }
test: { run: 'true' }
`,
    });
    const running = p.start('run', 'matrix.yml', '--seed', 'x', '-r', 'plain', '-r', 'json', '-r', 'events');
    await running.says(/slow\/n=\d +> started/);
    await expect.poll(() => p.read('vmtest-results/events.ndjson')).toMatch(/"slow\/n=\d".*"phase":"run"/);
    running.kill('SIGKILL');
    await running.ended;
    expect(await readdir(p.path('vmtest-results'))).not.toContain('results.json');
    const { exitCode } = await p.vmtest('report');
    expect(exitCode).toBe(3);
    const { cells } = await p.results();
    const slow = cells
      .filter(({ target }) => target === 'slow')
      .map(({ outcome, phase }) => `${outcome} ${phase}`);
    expect(slow.toSorted()).toEqual(['cancelled undefined', 'error run']);
    expect(cells.find(({ outcome }) => outcome === 'error')?.error?.code).toBe('RUN_DIED');
    expect(await p.read('vmtest-results/junit.xml')).toContain('RUN_DIED');
  });
});

describe('in place', () => {
  test('a folder gets its reports again, and keeps its files', async () => {
    const p = await project({ 'matrix.yml': MATRIX });
    await p.vmtest('run', ...REPORTS);
    const before = await p.read('vmtest-results/junit.xml');
    await rm(p.path('vmtest-results/junit.xml'));
    expect((await p.vmtest('report')).exitCode).toBe(1);
    expect(await p.read('vmtest-results/junit.xml')).toBe(before);
    expect(await p.read('vmtest-results/cells/box_node-20/output.log')).toContain('$ true');
  });

  test('inputs within the output folder are not emptied, damaged ones either', async () => {
    const p = await project({ 'matrix.yml': MATRIX });
    await p.vmtest('run', 'box', '-o', 'vmtest-results', ...REPORTS);
    await p.vmtest('run', 'bad', '-o', 'other', ...REPORTS);
    await truncate(p.path('vmtest-results/results.json'), 40);
    const { exitCode, stderr } = await p.vmtest('report', 'vmtest-results', 'other');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('RESULTS_DAMAGED');
    expect(await p.read('vmtest-results/cells/box_node-20/output.log')).toContain('$ true');
    expect((await p.results()).cells.map(({ id }) => id)).toContain('vmtest-report/input=vmtest-results');
  });

  test('an output folder of somebody else is refused, and so is the baseline', async () => {
    const p = await project({ 'matrix.yml': MATRIX, 'mine/diary.txt': 'keep me' });
    await p.vmtest('run', 'box', ...REPORTS);
    expect(await p.vmtest('report', 'vmtest-results', '-o', 'mine')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('OUTPUT_NOT_OURS'),
    });
    expect(await p.vmtest('report', '--baseline', 'vmtest-results', 'vmtest-results')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('OUTPUT_IS_BASELINE'),
    });
    expect(await p.read('mine/diary.txt')).toBe('keep me');
  });
});

describe('other programs’ results', () => {
  const JUNIT =
    '<testsuites><testsuite name="s"><testcase name="ok"/><testcase name="no"><failure message="odd"/></testcase></testsuite></testsuites>';

  test('join a run, under the name they are given', async () => {
    const p = await project({ 'matrix.yml': MATRIX, 'mac.xml': JUNIT });
    await p.vmtest('run', 'box', ...REPORTS);
    const { exitCode, stdout } = await p.vmtest(
      'report',
      'vmtest-results',
      '--cell',
      'macos-15/node=22=mac.xml',
      '-o',
      'all',
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain('macos-15/node=22');
    expect(stdout).not.toMatch(/again.*macos/);
    const results = await p.results('all');
    expect(results.cells.at(-1)).toMatchObject({
      id: 'macos-15/node=22',
      outcome: 'failed',
      files: { results: ['cells/macos-15_node-22/results/mac.xml'] },
    });
    expect(await p.read('all/cells/macos-15_node-22/results/mac.xml')).toBe(JUNIT);
  });

  test('twice under one name are refused, with a way out', async () => {
    const p = await project({ 'matrix.yml': MATRIX, 'a/x.xml': JUNIT });
    await p.vmtest('run', 'box/node=20', ...REPORTS);
    const twice = await p.vmtest('report', 'vmtest-results', '--cell', 'box/node=20=a/x.xml');
    expect(twice).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/CELL_TWICE.*\n.*--cell/) });
    expect((await p.vmtest('report', '--cell', 'x.xml')).exitCode).toBe(2);
  });

  test('that are not there leave nothing to report', async () => {
    const p = await project({});
    const { exitCode, stderr } = await p.vmtest('report');
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining('RESULTS_MISSING') });
    expect(await readdir(p.folder)).toEqual([]);
  });
});

describe('--baseline', () => {
  test('tells what changed, in the terminal, in results.json and in the job summary', async () => {
    const p = await project({ 'matrix.yml': MATRIX });
    await p.vmtest('run', 'box', '-o', 'old', ...REPORTS);
    await writeFile(
      p.path('matrix.yml'),
      MATRIX.replace('{ pass: 2, skip: 1 }', '{ pass: 1, skip: 1, fail: 1 }'),
    );
    await p.vmtest('run', 'box', 'bad/node=20', '-o', 'new', ...REPORTS);
    const { exitCode, stdout } = await p.vmtest(
      'report',
      '--baseline',
      'old',
      'new',
      '-r',
      'plain',
      '-r',
      'json',
      '-r',
      'github=summary.md',
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/newly failing: 4 cells, 1 test\n/);
    const { comparison } = await p.results('new');
    expect(comparison?.cells).toMatchObject({
      newlyFailing: ['box/node=20', 'box/node=3.10', 'box/node=22', 'bad/node=20'],
    });
    expect(await p.read('summary.md')).toContain('### Since');
  });

  test('that cannot be read is no reason for no reports, but for a code', async () => {
    const p = await project({ 'matrix.yml': MATRIX });
    await p.vmtest('run', 'box', '-o', 'new', ...REPORTS);
    await mkdir(p.path('old'));
    await cp(p.path('new'), p.path('copy'), { recursive: true });
    const { exitCode, stderr } = await p.vmtest('report', '--baseline', 'old', 'new', ...REPORTS);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringContaining('there is no comparison: old'),
    });
    expect(await p.results('new')).toEqual(await p.results('copy'));
  });
});
