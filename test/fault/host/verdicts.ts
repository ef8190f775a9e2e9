/** Whether a run on an ill host told the truth, and in words that help. */
import { EXIT } from '../../../src/cli/exit-codes.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import type { CellResult } from '../../../src/results/model.ts';
import { readResults } from '../kill-points/verdicts.ts';
import type { Ended } from '../kill-points/vmtest.ts';
import type { Ending, Hardship } from './hardship.ts';
import { CELLS } from './matrix.ts';

export interface After {
  ended: Ended;
  told: readonly RunEvent[];
  /** Of the project. */
  folder: string;
}

/** No error of the host that is known by name should look like a fault of vmtest. */
const CRASH = /INTERNAL|unhandled|\n\s+at .*[.][jt]s:\d/i;
/** Of a test of a second, on a host that is short of everything. */
const LONGEST_MS = 120_000;

export async function judge(after: After, hardship: Hardship): Promise<{ wrong: string[]; ending: Ending }> {
  const { ended, told, folder } = after;
  const cells = told.flatMap((event) => (event.type === 'cell:end' ? [event.result] : []));
  const ending = endingOf(after, cells);
  const wrong = hardship.endings.includes(ending)
    ? []
    : [`it ended as ${ending} (${ended.exitCode ?? ended.signal})`];
  const result = await readResults(folder);
  for (const cell of [...cells, ...(result?.cells ?? [])]) wrong.push(...wrongWith(cell));
  if (ending === 'usual') {
    if (result?.cells.length !== cells.length) wrong.push('results.json does not have all cells');
  } else if (ending !== 'killed') {
    wrong.push(...wrongWords(ended.output, hardship), ...wrongExit(ended, cells));
  }
  return { ending, wrong: wrong.length > 0 ? [...wrong, ended.output] : [] };
}

function endingOf({ ended, told }: After, cells: readonly CellResult[]): Ending {
  if (ended.signal !== null) return 'killed';
  const isUsual = cells.length > 0 && cells.every(({ id, outcome }) => outcome === CELLS[id]);
  if (isUsual && ended.exitCode === EXIT.failed) return 'usual';
  return told.some(({ type }) => type === 'cell:start') ? 'errors' : 'refused';
}

function wrongWith({ id, outcome, timings }: CellResult): string[] {
  const times = Object.entries(timings).filter(([, ms]) => !(ms >= 0 && ms < LONGEST_MS));
  return [
    ...(outcome === CELLS[id] || outcome === 'error' ? [] : [`${id} is ${outcome}`]),
    ...times.map(([phase, ms]) => `${id} was in ${phase} for ${ms} ms`),
  ];
}

function wrongWords(said: string, { says }: Hardship): string[] {
  return [
    ...(says === undefined || says.test(said.replaceAll(/\s+/g, ' ')) ? [] : [`it does not say ${says}`]),
    ...(CRASH.test(said) ? ['it looks like a crash'] : []),
  ];
}

function wrongExit({ exitCode }: Ended, cells: readonly CellResult[]): string[] {
  const hasFailed = cells.some(({ outcome }) => outcome === 'failed');
  return exitCode === (hasFailed ? EXIT.failed : EXIT.error) ? [] : [`its exit code is ${exitCode}`];
}
