/** What vmtest has to say of a guest that misbehaves. */
import type { AccessKind } from '../../../src/guest/channel.ts';
import type { Outcome, Phase } from '../../../src/results/model.ts';

export interface Expected {
  /** Several where the guest's own chance decides. */
  outcome: Outcome | readonly Outcome[];
  /** Of the error. */
  code?: string | readonly string[];
  phase?: Phase;
  exitCode?: number;
  signal?: string;
  /** In the error (message, hint, details), a failing test or a note: what a person needs to read. */
  says?: RegExp;
  /** In output.log. */
  prints?: RegExp;
}

export interface Fault {
  /** For the guest's `sh`, which runs it with `-e`. */
  script: string;
  expect: Expected;
  /** Where another way in sees it otherwise. */
  by?: Partial<Record<AccessKind, Expected>>;
  /** Ways in that it is tried by. Default: all. */
  only?: readonly AccessKind[];
  /** `test.timeout`. Default: far more than a fault needs that ends by itself. */
  timeout?: string;
}

/** By name. */
export type Faults = Readonly<Record<string, Fault>>;

export const passed: Expected = { outcome: 'passed' };

export function failed(exitCode: number): Expected {
  return { outcome: 'failed', exitCode };
}

export const tooLong: Expected = { outcome: 'failed', says: /took longer than/ };

export function died(says: RegExp): Expected {
  return { outcome: 'error', code: 'MACHINE_DIED', phase: 'run', says };
}

export const lost: Expected = {
  outcome: 'error',
  code: ['GUEST_AGENT_LOST', 'GUEST_CONNECTION_LOST', 'GUEST_CONSOLE_LOST'],
  phase: 'run',
  says: /lost/,
};

/** The command has succeeded; what it left could not be had. */
export function notCollected(says: RegExp, code?: string): Expected {
  return { outcome: 'error', phase: 'collect', says, ...(code === undefined ? {} : { code }) };
}
