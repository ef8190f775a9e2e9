/**
 * A reporter turns run events into something for people or machines. The run calls the hooks one event at a time, in
 * order, and never waits for a slow one while cells run: hooks return at once. `finish` is awaited after `run:end`.
 * A reporter that throws is switched off, the others go on, and the run ends with exit code 3 at best.
 */
import type { RunEvent } from '../src/results/events.ts';
import type { JUnitSettings } from './junit/settings.ts';

export interface Reporter {
  onEvent?(event: RunEvent): void;
  /** Write what is left. Called once, after `run:end`, also when the run was interrupted. */
  finish?(): Promise<void>;
}

export interface ReporterContext {
  /** The output folder, absolute; it exists. */
  output: string;
  /** From `--reporter name=PATH`, absolute; undefined = the reporter's usual place. */
  path?: string;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  /** Whether colours may be used on stdout. */
  color: boolean;
  /** Columns of stdout, when it is a terminal. */
  columns?: number;
  /** The folder that a person stands in: paths are shown from there. Default: this process's. */
  cwd?: string;
  /** For the reporter `junit`. */
  junit?: JUnitSettings;
}

export type CreateReporter = (context: ReporterContext) => Reporter;
