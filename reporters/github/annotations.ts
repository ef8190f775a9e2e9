/**
 * A step shows ten errors and ten warnings and drops the rest silently, so there is one for each distinct failure with
 * the cells it struck, the most widespread first; where those are too many, one for each cause.
 */
import { type Cause, causesOf } from '../../src/results/causes.ts';
import type { CellResult, RunResult } from '../../src/results/model.ts';
import type { Symptom, TestNames } from '../../src/results/symptoms.ts';
import { leadOf, symptomTitle, whereInWords } from '../text/cause.ts';
import { recentInWords } from '../text/recent-runs.ts';
import { rerunCommand } from '../text/rerun-command.ts';
import { plural, shortMessage } from '../text/words.ts';
import type { Annotation, Level } from './commands.ts';

/** GitHub's limit per step and level (actions/toolkit, docs/problem-matchers.md). */
const MOST = 10;
const CELLS = 12;
const TESTS = 12;
const TEXT = 2_000;

export function annotationsOf(result: RunResult): Annotation[] {
  const { causes, leftOut } = causesOf(result.cells);
  const last = causes.at(-1);
  return (['error', 'warning'] as const).flatMap((level) => {
    const told = causes.filter((cause) => levelOf(cause) === level);
    const more = last && levelOf(last) === level ? leftOut : 0;
    return atMost(told, result, level, more);
  });
}

/** The last of too many says how many there are. @param untold causes beside these. */
function atMost(causes: readonly Cause[], result: RunResult, level: Level, untold: number): Annotation[] {
  const failures = causes.flatMap((cause) =>
    cause.symptoms.map((symptom) => ({ ...cause, symptoms: [symptom] })),
  );
  const told = failures.length + untold <= MOST ? failures : causes;
  if (told.length + untold <= MOST) return told.map((cause) => annotationOf(cause, result, level));
  const more = told.length + untold - MOST + 1;
  const rest: Annotation = {
    level,
    title: `vmtest: ${more} more`,
    message: `${more} more distinct ${level === 'error' ? 'failures' : 'warnings'}: see the job summary.`,
  };
  return [...told.slice(0, MOST - 1).map((cause) => annotationOf(cause, result, level)), rest];
}

function annotationOf(cause: Cause, result: RunResult, level: Level): Annotation {
  const { kind, cells, symptoms } = cause;
  const [first, ...others] = symptoms;
  const more = others.length > 0 ? ` and ${plural(others.length, 'more test')}` : '';
  const title = first ? placelessTitle(first) + more : kind;
  return {
    level,
    title: `${kind === 'flaky' ? 'flaky: ' : ''}${title} (${plural(cells.length, 'cell')})`,
    message: [
      ...(others.length === 0 && first ? storyOf(first, cause) : listOf(symptoms)),
      whereInWords(cause),
      cellsInWords(cells),
      kind === 'flaky' ? '' : again(cells, result),
    ]
      .filter((part) => part !== '')
      .join('\n'),
    ...placeOf(first?.test),
  };
}

function storyOf(symptom: Symptom, cause: Cause): string[] {
  const { kind, failure, recent, struck } = symptom;
  if (kind !== 'error') {
    const before = recentInWords(recent, struck.length);
    return [shortMessage(failure), (failure.text ?? '').slice(0, TEXT), before];
  }
  const { message = failure.message ?? '', hint } = leadOf(cause).error ?? {};
  return [message, hint === undefined ? '' : `hint: ${hint}`];
}

function listOf(symptoms: readonly Symptom[]): string[] {
  const told = symptoms
    .slice(0, TESTS)
    .map((symptom) => `${symptomTitle(symptom)}: ${shortMessage(symptom.failure)}`);
  return [...told, symptoms.length > TESTS ? `… and ${plural(symptoms.length - TESTS, 'more test')}` : ''];
}

/** GitHub tells the place itself. */
function placelessTitle(symptom: Symptom): string {
  const { file: _file, line: _line, ...test } = symptom.test ?? { name: '', suite: '' };
  return symptomTitle(symptom.test ? { ...symptom, test } : symptom);
}

function levelOf({ kind, cells }: Cause): Level {
  return kind === 'flaky' || cells.every(({ allowedToFail }) => allowedToFail) ? 'warning' : 'error';
}

function cellsInWords(cells: readonly CellResult[]): string {
  const more = cells.length - CELLS;
  return `cells: ${cells
    .slice(0, CELLS)
    .map(({ id }) => id)
    .join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function again(cells: readonly CellResult[], { run, cells: all }: RunResult): string {
  const command = rerunCommand(cells, all, run.matrix);
  return command === undefined ? '' : `again: ${command}`;
}

/** Only what can be a file of the repository: a path in the guest would point nowhere. */
function placeOf({ file, line }: Partial<TestNames> = {}): Pick<Annotation, 'file' | 'line'> {
  if (file === undefined || /^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(file)) return {};
  return { file: file.replaceAll('\\', '/').replace(/^\.\//, ''), ...(line === undefined ? {} : { line }) };
}
