/** `events.ndjson` → the run it tells of: for a run that died before it could write `results.json`. */
import { dirname, join } from 'node:path';
import { VmtestError } from '../host/errors.ts';
import { cellFiles } from '../results/cell-files.ts';
import type { EventRecord } from '../results/events-schema.ts';
import type { CellResult } from '../results/model.ts';
import { checkEvent } from './check-shape.ts';
import { endedRun } from './ended-run.ts';
import { linesOf } from './lines-of.ts';
import { RetoldCell } from './retold-cell.ts';
import type { SourceRun } from './source.ts';

/** Output, notes and progress are most of a file and decide nothing: such lines are not even parsed. */
const TELLING = /"type":"(?:run:|cell:(?:start|phase|attempt|end)")/;

/**
 * Cells without an end of their own get one: what was running is an `error` of its phase, for nobody chose to stop it;
 * what had not begun, or was being wound down, is `cancelled`.
 * @throws VmtestError `EVENTS_DAMAGED`, `RESULTS_INVALID`, `RESULTS_TOO_NEW`
 */
export async function readEventsFile(path: string, source: string): Promise<SourceRun> {
  const story = new Story();
  let number = 0;
  for await (const line of linesOf(path)) {
    number += 1;
    if (!TELLING.test(line)) continue;
    const value = tryParse(line);
    // Only the last line can be half a line; one in the middle is what a full disk left, and the story goes on.
    if (value !== undefined) story.hear(checkEvent(value, number));
  }
  return story.toRun(path, source);
}

class Story {
  #start: (EventRecord & { type: 'run:start' }) | undefined;
  #end: (EventRecord & { type: 'run:end' }) | undefined;
  #cancel: { reason: string; interrupted: boolean } | undefined;
  readonly #cells = new Map<string, RetoldCell>();
  #last = '';

  hear(record: EventRecord): void {
    this.#last = record.time;
    if (record.type === 'run:start') {
      this.#start = record;
      for (const info of record.cells) this.#cells.set(info.id, new RetoldCell(info));
    } else if (record.type === 'run:end') {
      this.#end = record;
    } else if (record.type === 'run:cancel') {
      this.#cancel = record;
    } else if ('cell' in record) {
      this.#cells.get(record.cell.id)?.hear(record);
    }
  }

  async toRun(path: string, source: string): Promise<SourceRun> {
    if (this.#end) return endedRun(this.#end.result, path, source);
    if (!this.#start) {
      throw new VmtestError('EVENTS_DAMAGED', 'it does not begin with the start of a run', {
        hint: 'Was it copied from its beginning?',
      });
    }
    const folder = dirname(path);
    const cells: CellResult[] = [];
    for (const cell of this.#cells.values()) {
      const prefix = `cells/${cell.info.slug}`;
      cells.push(
        cell.toResult(await cellFiles(join(folder, prefix), prefix), this.#last, this.#cancel?.reason),
      );
    }
    const { run } = this.#start;
    return {
      source,
      folder,
      run,
      finished: this.#last,
      interrupted: this.#cancel?.interrupted ?? false,
      cells,
    };
  }
}

function tryParse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
