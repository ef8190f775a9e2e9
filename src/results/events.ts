/**
 * What a run tells while it goes on. Order: `run:start`, then per cell `cell:start` → `cell:phase`… → `cell:attempt`
 * (once an attempt) → `cell:end` (exactly once a cell, also when it never started), then `run:end`.
 * All text has its secrets masked. Guest-made text is otherwise raw: whoever prints it cleans it for his medium.
 */
import type { Attempt, CellInfo, CellResult, Phase, RunInfo, RunResult } from './model.ts';

export type RunEvent =
  | { type: 'run:start'; run: RunInfo; cells: readonly CellInfo[]; output: string }
  /** Making a target's clean state on first use: `start`, any number of `progress`, then `done`, or `failed`. */
  | {
      type: 'target:prepare';
      target: string;
      state: 'start' | 'progress' | 'done' | 'failed';
      message: string;
    }
  /** Something worth knowing about a target: the engine chosen and why, acceleration, the channel. */
  | { type: 'target:note'; target: string; message: string }
  | { type: 'cell:start'; cell: CellInfo; attempt: number }
  | { type: 'cell:phase'; cell: CellInfo; attempt: number; phase: Phase }
  /** One or more whole lines of the test command, each ending in `\n` (the very last one perhaps without). */
  | { type: 'cell:output'; cell: CellInfo; attempt: number; stream: 'stdout' | 'stderr'; text: string }
  | { type: 'cell:note'; cell: CellInfo; message: string }
  | { type: 'cell:attempt'; cell: CellInfo; result: Attempt; willRetry: boolean }
  | { type: 'cell:end'; cell: CellInfo; result: CellResult }
  /** First Ctrl-C, fail-fast or a caller's abort: running cells are being wound down. */
  | { type: 'run:cancel'; reason: string }
  | { type: 'run:end'; result: RunResult };

export type RunEventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
