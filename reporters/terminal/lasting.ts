/**
 * The lines that stay while a run goes on: every cell that has ended where there are few, else only those that came to
 * grief, and of those not more than anybody reads. The summary at the end leaves nothing out.
 */
import type { RunEvent, RunEventOf } from '../../src/results/events.ts';
import type { CellResult } from '../../src/results/model.ts';
import { type Line, paint } from '../text/line.ts';
import {
  allowance,
  OUTCOME_PAINT,
  outcomeDetails,
  outcomeReason,
  outcomeTime,
  retryReason,
} from '../text/outcome.ts';
import { isCommandOnly, plural } from '../text/words.ts';
import { wrapText } from '../text/wrap.ts';
import type { Signs } from './look.ts';
import type { Tails } from './tails.ts';

/** Up to so many cells each gets its line, however it ended. */
const FEW_CELLS = 40;
/** So many failures with details, and so many lines of others; then they are only counted. */
const WITH_DETAILS = 10;
const MOST_LINES = 60;
const TARGET_NOTES = 12;
const CELL_NOTES = 3;
const TAIL_LINES = 4;
const PROSE_LINES = 3;
const INDENT = ' '.repeat(4);

export class Lasting {
  readonly #signs: Signs;
  readonly #tails: Tails;
  readonly #width: () => number;
  #cells = 0;
  #told = 0;
  #detailed = 0;
  #notes = 0;

  /** @param width columns of the screen, which may change. */
  constructor(signs: Signs, tails: Tails, width: () => number) {
    this.#signs = signs;
    this.#tails = tails;
    this.#width = width;
  }

  /** Called after the board has taken the event. */
  tell(event: RunEvent): Line[] {
    switch (event.type) {
      case 'run:start':
        return this.#start(event);
      case 'target:note':
        return this.#targetNote(event);
      case 'target:prepare':
        return this.#prepared(event);
      case 'cell:attempt':
        return event.willRetry && this.#cells <= FEW_CELLS ? this.#retry(event) : [];
      case 'cell:end':
        return this.#ended(event.result);
      default:
        return [];
    }
  }

  #start({ run, cells }: RunEventOf<'run:start'>): Line[] {
    this.#cells = cells.length;
    const targets = new Set(cells.map(({ target }) => target)).size;
    const what = `${plural(cells.length, 'cell')} on ${plural(targets, 'target')}`;
    const shard = run.shard === undefined ? '' : `, shard ${run.shard}`;
    return [
      [
        paint('bold', `vmtest ${run.host.vmtest}`),
        `  ${run.matrix ?? ''}  ${what}${shard}`,
        paint('dim', `  seed ${run.seed}`),
      ],
      '',
    ];
  }

  #targetNote({ target, message }: RunEventOf<'target:note'>): Line[] {
    this.#notes += 1;
    if (this.#notes > TARGET_NOTES) return [];
    return [[paint('dim', `  ${target}: ${message}`)]];
  }

  #prepared({ target, state, message }: RunEventOf<'target:prepare'>): Line[] {
    if (state === 'done') return [[paint('dim', `  ${target}: ${message}`)]];
    if (state !== 'failed') return [];
    return [[paint('magenta', this.#signs.outcome.error), ` ${target}  could not be prepared: ${message}`]];
  }

  #retry(event: RunEventOf<'cell:attempt'>): Line[] {
    const head: Line = [paint('yellow', this.#signs.outcome.flaky), ` ${event.cell.id}`];
    return this.#bounded([head, ...this.#prose(retryReason(event))]);
  }

  #ended(result: CellResult): Line[] {
    const { outcome } = result;
    const bad = outcome === 'failed' || outcome === 'error';
    // A run that is stopped gives up all that waits: they are counted.
    const idle = outcome === 'cancelled' && result.attempts.length === 0;
    if (idle || (!bad && outcome !== 'flaky' && this.#cells > FEW_CELLS)) return [];
    return this.#bounded([this.#line(result), ...(bad ? this.#details(result) : []), ...notesOf(result)]);
  }

  #line(result: CellResult): Line {
    const { outcome, phase = 'run', error } = result;
    const sign = paint(OUTCOME_PAINT[outcome], this.#signs.outcome[outcome]);
    // The message of an error is long: it comes below.
    const reason = outcome === 'error' ? `${phase}: ${error?.code ?? 'UNKNOWN'}` : outcomeReason(result);
    const rest = [reason + allowance(result), outcomeTime(result)];
    return [sign, ` ${result.id}  `, rest.filter((text) => text !== '').join(' ')];
  }

  #details(result: CellResult): Line[] {
    this.#detailed += 1;
    if (this.#detailed > WITH_DETAILS) return [];
    return [
      ...[result.error?.message ?? '', ...outcomeDetails(result)].flatMap((text) => this.#prose(text)),
      ...tailLines(isCommandOnly(result) ? this.#tails.of(result.id) : ''),
    ];
  }

  #prose(text: string): Line[] {
    if (text === '') return [];
    return wrapText(text, this.#width() - INDENT.length)
      .slice(0, PROSE_LINES)
      .map((line) => INDENT + line);
  }

  #bounded(lines: Line[]): Line[] {
    this.#told += lines.length;
    if (this.#told <= MOST_LINES) return lines;
    const first = this.#told - lines.length <= MOST_LINES;
    return first ? [paintedDim('  … more are only counted from here on; the summary tells them')] : [];
  }
}

function tailLines(text: string): Line[] {
  const lines = text.trimEnd().split('\n').slice(-TAIL_LINES);
  return lines.every((line) => line === '') ? [] : lines.map((line) => paintedDim(`${INDENT}| ${line}`));
}

function notesOf({ notes }: CellResult): Line[] {
  return notes.slice(0, CELL_NOTES).map((note) => paintedDim(`${INDENT}note: ${note}`));
}

function paintedDim(text: string): Line {
  return [paint('dim', text)];
}
