/**
 * `results.json`, cell by cell. vmtest writes one cell a line, so the file may be larger than any string, and one that was
 * cut off keeps the cells before the cut. A file that something else laid out anew (jq) is read whole.
 */
import { readFile } from 'node:fs/promises';
import { VmtestError } from '../host/errors.ts';
import type { CellResult, ErrorInfo } from '../results/model.ts';
import { checkCell, checkHead } from './check-shape.ts';
import { endedRun } from './ended-run.ts';
import { linesOf } from './lines-of.ts';
import type { SourceRun } from './source.ts';

export interface ReadRun {
  run: SourceRun;
  /** Set when not all of it could be had. */
  missing?: ErrorInfo;
}

/** How vmtest ends the line before the cells, and the file. */
const CELLS_FOLLOW = '"cells":[';
const END = ']}';

/** What Node says of a text that no string can hold, and of a file that no buffer can. */
const TOO_LONG = new Set(['ERR_STRING_TOO_LONG', 'ERR_FS_FILE_TOO_LARGE']);

/**
 * @param source the file as the person named it.
 * @throws VmtestError `RESULTS_DAMAGED`, `RESULTS_INVALID`, `RESULTS_TOO_NEW`, `RESULTS_TOO_LARGE`
 */
export async function readResultsFile(path: string, source: string): Promise<ReadRun> {
  try {
    return await readLines(path, source);
  } catch (error) {
    if (!TOO_LONG.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new VmtestError('RESULTS_TOO_LARGE', 'a line of it is longer than this Node can hold', {
      hint: 'Hand over the file as vmtest wrote it, one cell a line.',
      cause: error,
    });
  }
}

async function readLines(path: string, source: string): Promise<ReadRun> {
  const lines = linesOf(path);
  try {
    const first = (await lines.next()).value ?? '';
    if (!first.endsWith(CELLS_FOLLOW)) return await readWhole(path, source);
    const head = checkHead(parse(first + END));
    const { cells, ended } = await readCells(lines);
    const run = endedRun({ ...head, cells }, path, source);
    if (ended) return { run };
    return { run, missing: cutOff(cells.length, head.summary.cells.total) };
  } finally {
    await lines.return(undefined);
  }
}

async function readCells(lines: AsyncGenerator<string>): Promise<{ cells: CellResult[]; ended: boolean }> {
  const cells: CellResult[] = [];
  for await (const line of lines) {
    if (line === END) return { cells, ended: true };
    if (line === '') continue;
    const value = tryParse(line.replace(/,$/, ''));
    if (value === undefined) break;
    cells.push(checkCell(value, cells.length));
  }
  return { cells, ended: false };
}

async function readWhole(path: string, source: string): Promise<ReadRun> {
  const result = parse(await readFile(path, 'utf8')) as { cells?: unknown };
  const head = checkHead(result);
  if (!Array.isArray(result.cells)) throw damaged('it has no cells');
  return { run: endedRun({ ...head, cells: result.cells.map(checkCell) }, path, source) };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  const value = tryParse(text);
  if (value === undefined)
    throw damaged(text.trim() === '' ? 'it is empty' : 'it is not JSON, or was cut off');
  return value;
}

function damaged(why: string): VmtestError {
  return new VmtestError('RESULTS_DAMAGED', why, { hint: 'Was it copied to its end?' });
}

function cutOff(read: number, total: number): ErrorInfo {
  return {
    code: 'RESULTS_DAMAGED',
    message: `it was cut off or damaged: ${read} of its ${total} cells could be read`,
    hint: 'Was it copied to its end?',
  };
}
