/** Every trial there is on an engine, in an order that a seed shuffles: whoever takes the first hundred takes them from all over. */
import { chance } from '../../../src/run/random.ts';
import type { Start } from './bed.ts';
import type { Step } from './bend/told.ts';
import { FAULTS, SPANS, type Trouble } from './faults.ts';
import type { Test } from './matrix.ts';

export interface Trial {
  test: Test;
  start: Start;
  trouble: Trouble;
  /** The step's name in an undisturbed run. */
  name: string;
}

export interface Course {
  test: Test;
  start: Start;
  steps: readonly Step[];
}

export function trialsOf(courses: readonly Course[], seed: string): Trial[] {
  const all = courses.flatMap(({ test, start, steps }) =>
    steps.flatMap(({ kind, at, name }) =>
      FAULTS.flatMap((fault) =>
        SPANS.map((span) => {
          const roll = (what: string) => chance(seed, [test, start, kind, at, fault, span, what].join(' '));
          const trouble = {
            fault,
            span,
            kind,
            at,
            isDone: roll('done') < 0.5,
            variant: Math.floor(roll('variant') * 1000),
          };
          return { order: roll('order'), trial: { test, start, trouble, name } };
        }),
      ),
    ),
  );
  return all.toSorted((a, b) => a.order - b.order).map(({ trial }) => trial);
}
