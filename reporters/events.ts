/**
 * The run as it happens, for programs: one JSON object a line, in the order of the events, each written when it happens.
 * Its shape is `schema/events.schema.json`. Text that guests made is in it as it came.
 */
import { join } from 'node:path';
import type { RunEvent } from '../src/results/events.ts';
import { EVENTS_VERSION, type EventRecord } from '../src/results/events-schema.ts';
import { LogFile } from './log-file.ts';
import type { CreateReporter } from './reporter.ts';

export const createReporter: CreateReporter = ({ output, path = join(output, 'events.ndjson') }) => {
  const file = new LogFile(path);
  return {
    onEvent(event) {
      file.write(`${JSON.stringify(eventRecord(event, new Date()))}\n`);
    },
    finish: () => file.end(),
  };
};

/** An event as it is written: with the time, and at the start of a run with the version of the format. */
export function eventRecord(event: RunEvent, time: Date): EventRecord {
  const stamped = { time: time.toISOString(), ...event };
  return stamped.type === 'run:start' ? { version: EVENTS_VERSION, ...stamped } : stamped;
}
