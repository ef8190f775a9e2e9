/** Trial after trial, and in words what went wrong. */
import type { Bed } from './bed.ts';
import { type Course, type Point, pointAt, type Way } from './points.ts';
import { runTrial, type TrialResult } from './trial.ts';

export interface AttackOptions {
  seed: string;
  /** For each way. */
  points: number;
  ways: readonly Way[];
  /** Only the points of this index. */
  only?: number;
  /** Of the trials that begin without clean states. Default: the bed's. */
  coldShare?: number;
  /** Told at once, with how to have it again. */
  onWrong: (words: string) => void;
  onProgress?: (words: string) => void;
  /** Ends it after the present trial. */
  signal?: AbortSignal;
}

export interface Done {
  point: Point;
  result: TrialResult;
}

export async function attack(bed: Bed, options: AttackOptions): Promise<Done[]> {
  const { seed, points, ways, only, onWrong, onProgress, signal, coldShare = bed.coldShare } = options;
  // The first makes the clean states that the second starts from.
  const cold = coldShare > 0 ? await courseOf(bed, 'cold') : undefined;
  const warm = await courseOf(bed, 'warm');
  const cleanMs = await cleanTimeOf(bed);
  const courses = { cold: cold ?? warm, warm, cleanMs, coldShare, keptShare: bed.keptShare };
  onProgress?.(`undisturbed: ${JSON.stringify(courses)}`);
  const done: Done[] = [];
  for (const way of ways) {
    for (let index = 0; index < points; index += 1) {
      if (signal?.aborted || (only !== undefined && index !== only)) continue;
      const point = pointAt(`${seed} ${bed.engine}`, way, index, courses);
      const result = await runTrial(bed, point);
      done.push({ point, result });
      const wrong = wordsOf(result);
      const again = `VMTEST_FAULT_SEED=${seed} … ${bed.engine} ${points} '${way}' ${index}`;
      if (wrong !== '') onWrong(`${again}\n  ${JSON.stringify(point)}, last: ${result.last}\n${wrong}`);
      onProgress?.(`${way} ${index} ${result.last} ${result.toExit?.toFixed(0) ?? '-'} ms`);
    }
  }
  return done;
}

async function courseOf({ vmtest, makeCold, person }: Bed, start: 'cold' | 'warm'): Promise<Course> {
  if (start === 'cold') await makeCold();
  await person.leaves();
  const started = performance.now();
  const run = await vmtest.run();
  const { exitCode, output } = await run.ended;
  if (exitCode !== 1) throw new Error(`an undisturbed run ended with ${exitCode}:\n${output}`);
  return { events: run.events.length, ms: performance.now() - started };
}

/** With machines that are on. */
async function cleanTimeOf({ vmtest }: Bed): Promise<number> {
  const run = await vmtest.run();
  await run.until((events) => events.some((event) => event.type === 'cell:phase' && event.phase === 'run'));
  run.kill('SIGKILL', 'process');
  await run.ended;
  const started = performance.now();
  await vmtest.call('clean');
  return performance.now() - started;
}

function wordsOf({ leaks, late, lies, hung }: TrialResult): string {
  return [
    ...leaks.map((line) => `  left: ${line}`),
    ...late.map((line) => `  late: ${line}`),
    ...lies.map((line) => `  wrong: ${line}`),
    ...(hung ? ['  hung'] : []),
  ].join('\n');
}
