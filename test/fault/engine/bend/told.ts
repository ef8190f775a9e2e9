/** What a bent vmtest writes down. */
import type { StepKind } from '../faults.ts';

export type Told = Step | { kind: 'complaint'; name: string };

export interface Step {
  kind: StepKind;
  /** Which one of its kind, from 0. */
  at: number;
  /** For people: the command, the message. */
  name: string;
  isBent: boolean;
}
