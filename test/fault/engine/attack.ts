/** Trial after trial, some side by side, and in words what went wrong. */
import pLimit from 'p-limit';
import type { Bed, Start } from './bed.ts';
import type { Step } from './bend/told.ts';
import { courseOf, makingOf } from './course.ts';
import { TESTS, type Test } from './matrix.ts';
import { runTrial, type TrialResult } from './trial.ts';
import { type Course, type Trial, trialsOf } from './trials.ts';

export interface AttackOptions {
  seed: string;
  starts: readonly Start[];
  /** Which of all trials, by their place in the seed's order. */
  wanted(trial: Trial, index: number): boolean;
  /** Most trials at once. */
  atOnce: number;
  /** Told at once, with how to have it again. */
  onWrong(words: string): void;
  onProgress?(words: string): void;
  /** Begins no further trial. */
  signal?: AbortSignal;
}

export interface Done {
  trial: Trial;
  result: TrialResult;
}

export async function attack(bed: Bed, options: AttackOptions): Promise<Done[]> {
  const { seed, starts, wanted, atOnce, onWrong, onProgress, signal } = options;
  const limit = pLimit(bed.isShared ? atOnce : 1);
  const courses = (
    await allEnded(TESTS.map((test) => coursesOf(test, starts, (start) => limit(courseOf, bed, test, start))))
  ).flat();
  const trials = trialsOf(courses, seed);
  onProgress?.(
    `${trials.length} trials; steps: ${courses.map(({ test, start, steps }) => `${start} ${test} ${steps.length}`).join(', ')}`,
  );
  const done: Done[] = [];
  await allEnded(
    trials.map((trial, index) => {
      if (!wanted(trial, index)) return undefined;
      return limit(async () => {
        if (signal?.aborted) return;
        const result = await runTrial(bed, trial);
        done.push({ trial, result });
        const words = `${index} ${nameOf(trial)}: ${result.outcome}${result.struck ? '' : ', not reached'}, ${(result.ms / 1000).toFixed(1)} s ${result.error}`;
        const wrong = wordsOf(result);
        if (wrong !== '')
          onWrong(`VMTEST_FAULT_SEED=${seed} … ${bed.engine} all ${index}\n  ${words}\n${wrong}`);
        onProgress?.(words);
      });
    }),
  );
  return done;
}

/** What a cold start has in common with a warm one goes wrong in that alone. */
async function coursesOf(
  test: Test,
  starts: readonly Start[],
  stepsOf: (start: Start) => Promise<Step[]>,
): Promise<Course[]> {
  const [warm, cold] = await allEnded([stepsOf('warm'), starts.includes('cold') ? stepsOf('cold') : []]);
  const steps = { warm, cold: makingOf(cold, warm) };
  return starts.map((start) => ({ test, start, steps: steps[start] }));
}

/** As `Promise.all`, but one that fails does not leave the others at work in a bed that is taken away next. */
async function allEnded<Works extends readonly unknown[]>(works: Works) {
  await Promise.allSettled(works);
  return Promise.all(works);
}

function nameOf({ test, start, name, trouble: { kind, at, fault, span, isDone, variant } }: Trial): string {
  return `${fault} ${span}${isDone ? ' (done)' : ''} v${variant}: ${kind} ${at} (${name}) of ${start} ${test}`;
}

function wordsOf({ leaks, lies, hung }: TrialResult): string {
  return [
    ...leaks.map((line) => `  left: ${line}`),
    ...lies.map((line) => `  wrong: ${line}`),
    ...(hung ? ['  hung'] : []),
  ].join('\n');
}
