/**
 * Events → lines. Every line of a cell begins with its id; `|` marks what its guest said and `>` what vmtest says, so
 * that `grep` finds either.
 */
import type { RunEvent, RunEventOf } from '../../src/results/events.ts';
import type { CellResult } from '../../src/results/model.ts';
import { type Line, type Painted, paint } from './line.ts';
import {
  allowance,
  OUTCOME_PAINT,
  outcomeDetails,
  outcomeReason,
  outcomeTime,
  retryReason,
} from './outcome.ts';
import { type SummaryOptions, summaryLines } from './summary.ts';
import { plural } from './words.ts';

/** Ids are padded to the longest, so that the text behind them lines up; longer ones stick out. */
const WIDEST_ID = 32;
const NOTES_AT_ONCE = 5;
const TARGETS_NAMED = 4;

export class PlainLog {
  readonly #options: SummaryOptions;
  #idWidth = 0;
  #cells = 0;
  #ended = 0;
  /** Notes that were told as they came. */
  readonly #told = new Set<string>();

  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  tell(event: RunEvent): Line[] {
    switch (event.type) {
      case 'run:start':
        return this.#runStart(event);
      case 'target:prepare':
        // How far a step has come is for those who watch.
        return event.bytes ? [] : [this.#line(event.target, prepareText(event))];
      case 'target:note':
        return [this.#line(event.target, `note: ${event.message}`)];
      case 'cell:start':
        return [this.#line(event.cell.id, event.attempt === 1 ? 'started' : `attempt ${event.attempt}`)];
      case 'cell:output':
        return wholeLines(event.text).map((line) => this.#line(event.cell.id, line, '|'));
      case 'cell:note':
        this.#told.add(`${event.cell.id} ${event.message}`);
        return [this.#line(event.cell.id, `note: ${event.message}`)];
      case 'cell:attempt':
        return event.willRetry ? [this.#line(event.cell.id, retryReason(event))] : [];
      case 'cell:end':
        return this.#cellEnd(event.result);
      case 'run:cancel':
        return [[paint('yellow', `stopping: ${event.reason}`)]];
      case 'run:end':
        return summaryLines(event.result, this.#options);
      default:
        // Phases of a cell come several a second, and the outcome names the one that matters.
        return [];
    }
  }

  #line(name: string, text: string | readonly (string | Painted)[], mark = '>'): Line {
    const prefix = paint('dim', `${name.padEnd(this.#idWidth)} ${mark}`);
    return [prefix, ' ', ...(typeof text === 'string' ? [text] : text)];
  }

  #runStart({ run, cells }: RunEventOf<'run:start'>): Line[] {
    const targets = [...new Set(cells.map(({ target }) => target))];
    const names = [...targets, ...cells.map(({ id }) => id)];
    const widest = names.reduce((width, { length }) => Math.max(width, length), 0);
    this.#idWidth = Math.min(widest, WIDEST_ID);
    this.#cells = cells.length;
    const where = targets.length <= TARGETS_NAMED ? targets.join(', ') : plural(targets.length, 'target');
    const facts = [
      `vmtest ${run.host.vmtest}`,
      `${plural(cells.length, 'cell')} on ${where}`,
      ...(run.shard === undefined ? [] : [`shard ${run.shard}`]),
      `seed ${run.seed}`,
      `run ${run.id}`,
    ];
    return [[paint('bold', facts.join('  '))], ''];
  }

  #cellEnd(result: CellResult): Line[] {
    this.#ended += 1;
    const notes = result.notes.filter((note) => !this.#told.has(`${result.id} ${note}`));
    // A run that is stopped gives up all that waits; the summary counts them.
    if (result.outcome === 'cancelled' && result.attempts.length === 0) return [];
    return [
      ...notes.slice(0, NOTES_AT_ONCE).map((note) => `note: ${note}`),
      ...(notes.length > NOTES_AT_ONCE ? [`note: … and ${notes.length - NOTES_AT_ONCE} more`] : []),
      [...outcomeLine(result), `  [${this.#ended}/${this.#cells}]`],
      ...outcomeDetails(result).map((detail) => `  ${detail}`),
    ].map((text) => this.#line(result.id, text));
  }
}

function outcomeLine(result: CellResult): [Painted, string] {
  const reason = outcomeReason(result);
  const time = outcomeTime(result);
  return [
    paint(OUTCOME_PAINT[result.outcome], result.outcome.toUpperCase() + allowance(result)),
    (reason === '' ? '' : `  ${reason}`) + (time === '' ? '' : ` ${time}`),
  ];
}

function prepareText({ state, message }: RunEventOf<'target:prepare'>): string {
  switch (state) {
    case 'start':
    case 'progress':
      return `preparing: ${message}`;
    case 'done':
      return `prepared: ${message}`;
    case 'failed':
      return `could not be prepared: ${message}`;
  }
}

/** The last line may come without its end. */
function wholeLines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
