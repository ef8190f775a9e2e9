/** The index of the page: the run, its cells and causes, short enough to be read at once. */
import { type Cause, causesOf } from '../../src/results/causes.ts';
import type { Comparison } from '../../src/results/comparison.ts';
import { type CellResult, PHASES, type RunResult } from '../../src/results/model.ts';
import type { Symptom } from '../../src/results/symptoms.ts';
import { conditionInWords } from '../text/cause.ts';
import { changeSections } from '../text/changes.ts';
import { axesOf } from '../text/grid.ts';
import { outcomeReason } from '../text/outcome.ts';
import { recentInWords } from '../text/recent-runs.ts';
import { testTitle } from '../text/words.ts';
import { failureDetail } from './case-data.ts';
import { LIMITS } from './limits.ts';
import type {
  PageAttempt,
  PageCause,
  PageCell,
  PageChanges,
  PageIndex,
  PageSymptom,
  Preparation,
} from './page-data.ts';
import { shownLine } from './shown-text.ts';

/** @param cells those that the page shows. */
export function indexData(
  result: RunResult,
  cells: readonly CellResult[],
  prepared: readonly Preparation[],
): Omit<PageIndex, 'caps'> {
  const started = Date.parse(result.run.started);
  const { causes, leftOut } = causesOf(result.cells, LIMITS.causes);
  const places = new Map(cells.map((cell, place) => [cell, place]));
  const engines = new Set(result.cells.map(({ engine }) => engine));
  const axes = ['target', ...axesOf(result.cells), ...(engines.size > 1 ? ['engine'] : [])];
  return {
    run: pageRun(result),
    summary: result.summary,
    axes: [...new Set(axes)].map((axis) => shownLine(axis, LIMITS.name)),
    cells: cells.map((cell) => pageCell(cell, started, engines.size > 1)),
    causes: causes.map((cause) => pageCause(cause, places)),
    causesLeftOut: leftOut,
    ...(result.comparison ? { changes: pageChanges(result.comparison) } : {}),
    prepared: prepared.map((one) => ({ ...one, target: shownLine(one.target, LIMITS.name) })),
  };
}

/** Results of other hosts may be merged into this one: their names are texts like any other. */
function pageRun({ run }: RunResult): PageIndex['run'] {
  const shown = (text: string) => shownLine(text, LIMITS.name);
  return {
    ...run,
    id: shown(run.id),
    seed: shown(run.seed),
    ...(run.matrix === undefined ? {} : { matrix: shown(run.matrix) }),
    ...(run.shard === undefined ? {} : { shard: shown(run.shard) }),
    host: { ...run.host, name: shown(run.host.name), os: shown(run.host.os), arch: shown(run.host.arch) },
  };
}

function pageCell(cell: CellResult, runStarted: number, manyEngines: boolean): PageCell {
  const { id, slug, target, values, engine, snapshot, outcome, allowedToFail, tests, attempts } = cell;
  const all = [...Object.entries(values), ['target', target], ...(manyEngines ? [['engine', engine]] : [])];
  return {
    id: shownLine(id, LIMITS.name),
    slug,
    values: Object.fromEntries(
      all.map(([axis = '', value = '']) => [shownLine(axis, LIMITS.name), shownLine(value, LIMITS.name)]),
    ),
    engine: shownLine(engine, LIMITS.name),
    snapshot: shownLine(snapshot, LIMITS.name),
    outcome,
    allowedToFail,
    reason: shownLine(outcomeReason(cell), LIMITS.message),
    tests,
    attempts: attempts.map((attempt) => pageAttempt(attempt, runStarted)),
  };
}

function pageAttempt(
  { number, outcome, started, timings }: CellResult['attempts'][number],
  runStarted: number,
): PageAttempt {
  return {
    number,
    outcome,
    // Clocks of several hosts may differ.
    start: Math.max(0, Date.parse(started) - runStarted || 0),
    timings: PHASES.flatMap((phase) => {
      const ms = timings[phase];
      return ms === undefined ? [] : [[phase, ms] as [typeof phase, number]];
    }),
  };
}

function pageChanges(comparison: Comparison): PageChanges {
  const { id, started } = comparison.baseline;
  const sections = changeSections(comparison, LIMITS.changes).map((section) => ({
    ...section,
    items: section.items.map((item) => shownLine(item, LIMITS.name)),
  }));
  return { since: shownLine(`${id} (${started.slice(0, 10)})`, LIMITS.name), sections };
}

function pageCause(cause: Cause, places: ReadonlyMap<CellResult, number>): PageCause {
  const { kind, conditions, spared, symptoms, cells } = cause;
  return {
    kind,
    conditions: conditions.map((condition) => conditionInWords(condition, shownName)),
    spared,
    symptoms: symptoms.slice(0, LIMITS.symptoms).map(pageSymptom),
    symptomCount: symptoms.length,
    cells: cells.flatMap((cell) => places.get(cell) ?? []),
    cellCount: cells.length,
  };
}

function shownName(text: string): string {
  return shownLine(text, LIMITS.name);
}

function pageSymptom({ test, phase = 'run', failure, kind, recent, struck }: Symptom): PageSymptom {
  const detail = { ...failureDetail(failure, true), recent: recentInWords(recent, struck.length) };
  if (kind === 'error') return { title: phase, place: '', ...detail };
  if (!test) return { title: 'the cell itself', place: '', ...detail };
  const { suite, file, line, ...names } = test;
  const title = testTitle({ name: suite }, names);
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}`;
  return { title: shownLine(title, LIMITS.name), place: shownLine(place, LIMITS.name), ...detail };
}
