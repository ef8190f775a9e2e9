/** Whether the reports of a run that was killed tell the truth, as far as somebody beside it knows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SaxesParser } from 'saxes';
import type { RunEvent } from '../../../src/results/events.ts';
import type { Outcome, RunResult } from '../../../src/results/model.ts';
import type { Ended } from './vmtest.ts';

export interface AfterKill {
  /** Folder of the project. */
  folder: string;
  /** How each cell ends when nobody disturbs it. */
  cells: Readonly<Record<string, Outcome>>;
  /** Events before the signal, and all of them. */
  known: readonly RunEvent[];
  told: readonly RunEvent[];
  ended: Ended;
}

const INTERRUPTED = 130;
const SCHEMA = fileURLToPath(new URL('../../../schema/results.schema.json', import.meta.url));
/** Whether it keeps to the published schema; it has the errors. */
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(await readFile(SCHEMA, 'utf8')),
);

/** Of a run that had the time to end by itself. */
export async function wrongVerdicts(after: AfterKill): Promise<string[]> {
  const { known, told, ended } = after;
  const hasBegun = told.some(({ type }) => type === 'run:start');
  if (!hasBegun) return exitProblems(ended, [INTERRUPTED]);
  const result = await readResults(after.folder);
  if (result === undefined) return [`there is no results.json; it said: ${ended.output}`];
  const isOver = known.some(({ type }) => type === 'run:end');
  return [
    ...(isOver && ended.signal !== null ? [] : exitProblems(ended, [result.run.exitCode])),
    ...resultProblems(result, after),
    ...(await junitProblems(result, after.folder)),
  ];
}

/** Of a run that had no time: there is a report that is whole, or none. */
export async function brokenReports({ folder, told, ended }: AfterKill): Promise<string[]> {
  if (
    ended.exitCode !== null &&
    ended.exitCode !== INTERRUPTED &&
    !told.some(({ type }) => type === 'run:end')
  )
    return [`it ended with ${ended.exitCode}: ${ended.output}`];
  // Those of the run before lie there until this one has emptied the folder.
  if (!told.some(({ type }) => type === 'run:start')) return [];
  const result = await readResults(folder);
  const xml = await readJunit(folder);
  return [
    ...(result === undefined || validate(result) ? [] : ['results.json is not whole']),
    ...(xml === undefined ? [] : suitesPerCell(xml).problems),
  ];
}

/** A signal that comes before anybody listens for it ends every program. */
function exitProblems({ exitCode, signal, output }: Ended, right: readonly number[]): string[] {
  if (exitCode === null && signal !== 'SIGKILL' && output === '') return [];
  if (exitCode !== null && right.includes(exitCode)) return [];
  return [`it ended with ${exitCode ?? signal} instead of ${right.join(' or ')}: ${output}`];
}

function resultProblems(result: RunResult, { cells, known }: AfterKill): string[] {
  const problems = schemaProblems(result);
  const ids = result.cells.map(({ id }) => id);
  if (ids.toSorted().join() !== Object.keys(cells).toSorted().join())
    problems.push(`cells in results.json: ${ids}`);
  for (const { id, outcome, attempts, error } of result.cells) {
    const end = known.find((event) => event.type === 'cell:end' && event.cell.id === id);
    const right = end?.type === 'cell:end' ? [end.result.outcome] : ['cancelled', cells[id]];
    if (!right.includes(outcome))
      problems.push(`${id} is ${outcome} (${error?.message}), not ${right.join(' or ')}`);
    for (const event of known) {
      if (event.type !== 'cell:attempt' || event.cell.id !== id) continue;
      const kept = attempts[event.result.number - 1]?.outcome;
      if (kept !== event.result.outcome)
        problems.push(`${id}: attempt ${event.result.number} became ${kept}`);
    }
  }
  const isCancelled = result.cells.some(({ outcome }) => outcome === 'cancelled');
  if (isCancelled && result.run.exitCode !== INTERRUPTED) problems.push(`exit code ${result.run.exitCode}`);
  return problems;
}

export function schemaProblems(result: RunResult): string[] {
  return validate(result) ? [] : [`results.json: ${JSON.stringify(validate.errors?.slice(0, 3))}`];
}

/** @param folder of the project. */
export async function junitProblems(result: RunResult, folder: string): Promise<string[]> {
  const xml = await readJunit(folder);
  if (xml === undefined) return ['there is no junit.xml'];
  const { problems, suites } = suitesPerCell(xml);
  for (const cell of result.cells) {
    const found = suites.get(cell.id) ?? 0;
    if (found !== cell.suites.length) problems.push(`${cell.id} has ${found} suites in junit.xml`);
  }
  return problems;
}

function suitesPerCell(xml: string): { suites: Map<string, number>; problems: string[] } {
  const suites = new Map<string, number>();
  const problems: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => problems.push(`junit.xml: ${error.message}`));
  parser.on('opentag', ({ name, attributes }) => {
    const { name: property, value = '' } = attributes as Record<string, string>;
    if (name === 'property' && property === 'vmtest.cell') suites.set(value, (suites.get(value) ?? 0) + 1);
  });
  parser.write(xml).close();
  return { suites, problems };
}

/** Undefined when there is none. @param folder of the project. */
export async function readResults(folder: string): Promise<RunResult | undefined> {
  const text = await read(join(folder, 'vmtest-results', 'results.json'));
  return text === undefined ? undefined : (JSON.parse(text) as RunResult);
}

function readJunit(folder: string): Promise<string | undefined> {
  return read(join(folder, 'vmtest-results', 'junit.xml'));
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
