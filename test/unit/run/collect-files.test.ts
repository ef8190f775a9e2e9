import { createReadStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packTree } from '../../../src/guest/transfer/pack.ts';
import { judge } from '../../../src/results/verdict.ts';
import { collectResults, type GuestFiles } from '../../../src/run/collect-files.ts';
import { scratchFolder } from '../../support/scratch.ts';

const signal = new AbortController().signal;
const TAP = '1..1\nok 1 - from tap\n';
/** What tells the dialect stands too far down. */
const LATE_TAP = `${'noise\n'.repeat(20_000)}${TAP}`;

/** A guest whose working folder holds these files, and no others. */
async function guestWith(files: Readonly<Record<string, string>>): Promise<GuestFiles> {
  const scratch = await scratchFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(scratch, 'work', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  const file = join(scratch, 'work.tar');
  await mkdir(join(scratch, 'work'), { recursive: true });
  await packTree({ from: join(scratch, 'work'), exclude: [], gitignore: false, file, signal });
  return {
    list: async (folder) => {
      const paths = Object.keys(files).map((name) => `work/${name}`);
      return paths
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1));
    },
    download: async () => createReadStream(file),
  } as GuestFiles;
}

async function collected(
  files: Readonly<Record<string, string>>,
  test: Partial<Parameters<typeof collectResults>[1]>,
) {
  const folder = await scratchFolder();
  const guest = await guestWith(files);
  const results = await collectResults(guest, { cwd: 'work', results: [], ...test }, folder, signal);
  const verdict = judge({ command: 'make test', end: { exitCode: 0 }, ...(results ? { results } : {}) });
  return { folder, results, verdict };
}

describe('results of a guest', () => {
  test('are none when no globs are named: the exit code decides', async () => {
    expect((await collected({ 'a.tap': TAP }, {})).results).toBeUndefined();
  });

  test('of several dialects are read together, whatever their files are called', async () => {
    const files = { 'r/a.txt': TAP, 'r/b.log': '<testsuite name="s"><testcase name="b"/></testsuite>' };
    const { verdict, folder } = await collected(files, { results: ['r/*'] });
    expect(verdict.suites.flatMap(({ cases }) => cases.map(({ name }) => name))).toEqual(['from tap', 'b']);
    expect(verdict.outcome).toBe('passed');
    expect(await readdir(join(folder, 'results/r'))).toEqual(['a.txt', 'b.log']);
  });

  test('have the dialect that the matrix file names', async () => {
    const files = { 'out/late.log': LATE_TAP, 'out/other.log': TAP };
    const detected = await collected(files, { results: ['out/*.log'] });
    expect(detected.verdict).toMatchObject({
      outcome: 'error',
      phase: 'collect',
      error: { code: 'RESULTS_INCOMPLETE' },
    });
    const resultFormats = [{ files: 'out/late*', format: 'tap' as const }];
    const named = await collected(files, { results: ['out/*.log', 'out/late*'], resultFormats });
    expect(named.verdict).toMatchObject({ outcome: 'passed', tests: { total: 2 } });
  });

  test('named wrongly are an error', async () => {
    const resultFormats = [{ files: '*.tap', format: 'junit' as const }];
    const { verdict } = await collected({ 'a.tap': TAP }, { results: ['*.tap'], resultFormats });
    expect(verdict).toMatchObject({ outcome: 'error', phase: 'collect' });
    expect(verdict.error?.message).toContain('the file holds no tests (read as JUnit XML)');
  });

  test('that are missing, empty or cut off are an error of the phase collect', async () => {
    for (const [files, code] of [
      [{}, 'RESULTS_MISSING'],
      [{ 'a.tap': '' }, 'RESULTS_INCOMPLETE'],
      [{ 'a.tap': 'ok 1\n' }, 'RESULTS_INCOMPLETE'],
      [{ 'a.tap': '1..0\n' }, 'RESULTS_EMPTY'],
    ] as const) {
      const { verdict } = await collected(files, { results: ['*.tap'] });
      expect(verdict).toMatchObject({ outcome: 'error', phase: 'collect', error: { code } });
    }
  });
});
