/**
 * What a run tells while it goes on. Order: `run:start`, then per cell `cell:start` → `cell:phase`… → `cell:attempt`
 * (once an attempt) → `cell:end` (exactly once a cell, also when it never started), then `run:end`.
 * All text has its secrets masked. Guest-made text is otherwise raw: whoever prints it cleans it for his medium.
 */
import type { Attempt, CellInfo, CellResult, Phase, RunInfo, RunResult } from './model.ts';

/** How far something has come that is counted in bytes. */
export interface Bytes {
  done: number;
  /** Absent where nobody knows how much will come. */
  total?: number;
}

export type RunEvent =
  | {
      type: 'run:start';
      run: RunInfo;
      cells: readonly CellInfo[];
      output: string;
      /** From earlier runs: cell id → milliseconds that it is expected to keep a machine busy. */
      expected: Readonly<Record<string, number>>;
    }
  /** Making a target's clean state on first use: `start`, any number of `progress`, then `done`, or `failed`. */
  | {
      type: 'target:prepare';
      target: string;
      state: 'start' | 'progress' | 'done' | 'failed';
      message: string;
      /** Of a step that is counted. */
      bytes?: Bytes;
      /** With `start`, from earlier runs: milliseconds that the whole is expected to take. */
      expected?: number;
    }
  /** Something worth knowing about a target: the engine chosen and why, acceleration, the channel. */
  | { type: 'target:note'; target: string; message: string }
  | { type: 'cell:start'; cell: CellInfo; attempt: number }
  | { type: 'cell:phase'; cell: CellInfo; attempt: number; phase: Phase }
  /** A long upload or download of the present phase; a few a second at most. */
  | { type: 'cell:progress'; cell: CellInfo; attempt: number; bytes: Bytes }
  /** One or more whole lines of the test command, each ending in `\n` (the very last one perhaps without). */
  | { type: 'cell:output'; cell: CellInfo; attempt: number; stream: 'stdout' | 'stderr'; text: string }
  | { type: 'cell:note'; cell: CellInfo; message: string }
  | { type: 'cell:attempt'; cell: CellInfo; result: Attempt; willRetry: boolean }
  | { type: 'cell:end'; cell: CellInfo; result: CellResult }
  /** First Ctrl-C, fail-fast or a caller's abort: running cells are being wound down. */
  | {
      type: 'run:cancel';
      reason: string;
      /** True for a signal or a caller's abort, false for fail-fast. */
      interrupted: boolean;
      /** Milliseconds that releasing all machines may take. */
      grace: number;
    }
  | { type: 'run:end'; result: RunResult };

export type RunEventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
