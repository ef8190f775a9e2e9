/** Result files of another program as a cell: what `test.results` would have brought out of a guest. */
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { slugs } from '../../matrix/cell-id.ts';
import { settleCell } from '../results/cell-result.ts';
import { judgeFiles } from '../results/judge-files.ts';
import { type CellInfo, ELSEWHERE, type TestSuite } from '../results/model.ts';
import { readResultFiles } from '../results/read-results.ts';
import { cleanLine } from '../results/sanitize.ts';
import type { ForeignCell } from './source.ts';

/**
 * Never throws for what is in the files, nor for one that is not there: the cell is in error then.
 * @param id `debian-12/node=22`: the part before the first `/` is the target, parts with a `=` are axes.
 */
export async function readForeignCell(id: string, files: readonly string[]): Promise<ForeignCell> {
  const named = files.map((path) => ({ name: basename(path), path }));
  const parsed = await readResultFiles(named);
  const started = await startOf(parsed.suites, files);
  const verdict = judgeFiles(parsed);
  const attempt = { number: 1, started, timings: { run: totalDuration(parsed.suites) }, ...verdict };
  const cell = settleCell({ cell: foreignInfo(id), allowedToFail: false, files: {} }, [attempt]);
  return { files: [...files], cell, started };
}

/** The name of a file that nobody named: without its folder and its ending. */
export function nameOfFile(path: string): string {
  return basename(path, extname(path)) || basename(path);
}

function foreignInfo(name: string): CellInfo {
  const id = cleanLine(name);
  const [target = id, ...parts] = id.split('/');
  const values = parts.flatMap((part) => {
    const at = part.indexOf('=');
    return at > 0 ? [[part.slice(0, at), part.slice(at + 1)]] : [];
  });
  const [slug = ''] = slugs([id]);
  return { id, slug, index: 0, target, values: Object.fromEntries(values), engine: ELSEWHERE, snapshot: '' };
}

/** As the suites say, else when the oldest of the files was written. */
async function startOf(suites: readonly TestSuite[], files: readonly string[]): Promise<string> {
  const said = suites.flatMap(({ timestamp }) => (timestamp === undefined ? [] : [timestamp])).sort();
  if (said[0] !== undefined) return said[0];
  const times = await Promise.all(
    files.map((path) =>
      stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => Number.POSITIVE_INFINITY,
      ),
    ),
  );
  const oldest = times.reduce((least, ms) => Math.min(least, ms), Date.now());
  return new Date(oldest).toISOString();
}

function totalDuration(suites: readonly TestSuite[]): number {
  return suites.reduce(
    (sum, { duration, cases }) =>
      sum + (duration ?? cases.reduce((all, one) => all + (one.duration ?? 0), 0)),
    0,
  );
}
