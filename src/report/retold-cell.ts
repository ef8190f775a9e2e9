/** One cell's fate, as far as the events of a run that died tell it. */
import { type CellFrame, settleCell, unstartedCell } from '../results/cell-result.ts';
import type { EventRecord } from '../results/events-schema.ts';
import type { Attempt, CellFiles, CellInfo, CellResult, Phase } from '../results/model.ts';
import { cancelVerdict, errorVerdict } from '../results/verdict.ts';

const DIED = {
  code: 'RUN_DIED',
  message: 'vmtest ended before this cell did',
  hint: 'Its machine may still be there: `vmtest clean` on that host takes it away.',
};
const NOTE = 'retold from events.ndjson: whether the cell is allowed to fail is not known';

/** The attempt that is going on. */
interface Open {
  started: string;
  phase: Phase;
  phaseBegan: string;
  timings: Partial<Record<Phase, number>>;
}

export class RetoldCell {
  readonly info: CellInfo;
  readonly #attempts: Attempt[] = [];
  #open: Open | undefined;
  #decided = false;
  #result: CellResult | undefined;

  constructor(info: CellInfo) {
    this.info = info;
  }

  hear(record: EventRecord): void {
    switch (record.type) {
      case 'cell:start':
        this.#open = { started: record.time, phase: 'queue', phaseBegan: record.time, timings: {} };
        break;
      case 'cell:phase':
        if (this.#open) enter(this.#open, record.phase, record.time);
        break;
      case 'cell:attempt':
        this.#attempts.push(record.result);
        this.#decided = !record.willRetry;
        this.#open = undefined;
        break;
      case 'cell:end':
        this.#result = record.result;
        break;
    }
  }

  /**
   * @param last when the run was last heard of.
   * @param cancelled why it was being wound down, if it was.
   */
  toResult(files: CellFiles, last: string, cancelled: string | undefined): CellResult {
    if (this.#result) return this.#result;
    const frame: CellFrame = { cell: this.info, allowedToFail: false, files, notes: [NOTE] };
    const [first, ...others] = [...this.#attempts, ...this.#unfinished(last, cancelled)];
    if (first) return settleCell(frame, [first, ...others]);
    return unstartedCell(frame, {
      outcome: 'cancelled',
      reason: cancelled ?? 'vmtest ended before it was the turn of this cell',
    });
  }

  #unfinished(last: string, cancelled: string | undefined): Attempt[] {
    const number = this.#attempts.length + 1;
    const waiting = { started: last, phase: 'queue', phaseBegan: last, timings: {} } as const;
    const open = this.#open ?? (number > 1 && !this.#decided ? waiting : undefined);
    if (!open) return [];
    const { started, phase, timings } = open;
    const verdict = cancelled === undefined ? errorVerdict(phase, DIED) : cancelVerdict(phase, cancelled);
    return [{ number, started, timings, ...verdict }];
  }
}

function enter(open: Open, phase: Phase, time: string): void {
  const took = Math.max(Date.parse(time) - Date.parse(open.phaseBegan), 0);
  open.timings[open.phase] = (open.timings[open.phase] ?? 0) + took;
  open.phase = phase;
  open.phaseBegan = time;
}
