/** What can go wrong with one answer of an engine. */

/**
 * `fails`: with words. `hangs`: no answer ever. `late`: the right answer after some seconds. `garbage`: success with noise in
 * place of an answer. `dies`: half an answer, then the one who gave it is killed.
 */
export const FAULTS = ['fails', 'hangs', 'late', 'garbage', 'dies'] as const;
export type Fault = (typeof FAULTS)[number];

/** Only the one answer, or that and all that follow until the run ends. */
export const SPANS = ['once', 'always'] as const;
export type Span = (typeof SPANS)[number];

/** `command`: a program that was started. `message`: a line of the engine's on a control connection. */
export type StepKind = 'command' | 'message';

export interface Trouble {
  fault: Fault;
  span: Span;
  kind: StepKind;
  /** Which one of its kind in a run, from 0. */
  at: number;
  /** Whether a command has had its effect all the same, where that makes a difference: the answer alone went wrong. */
  isDone: boolean;
  /** Chooses among noises. */
  variant: number;
}

/** In what a failing command or message says. */
export const OUCH = 'no space left on the moon';

export function strikes(trouble: Trouble | undefined, kind: StepKind, at: number): boolean {
  if (trouble?.kind !== kind) return false;
  return trouble.span === 'once' ? at === trouble.at : at >= trouble.at;
}
