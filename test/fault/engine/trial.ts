/** One thing that goes wrong in one cell, and what is not as promised then. */
import { setTimeout as delay } from 'node:timers/promises';
import { difference } from '../inventory/inventory.ts';
import type { Bed, Place, Start } from './bed.ts';
import { toldIn } from './course.ts';
import { cellOf } from './matrix.ts';
import { complaintsAbout, type Ended, readEnd } from './promises.ts';
import type { Trial } from './trials.ts';

export interface TrialResult {
  /** Whether the step was reached at all. */
  struck: boolean;
  outcome: string;
  /** What people were told of an error. */
  error: string;
  /** A line each. */
  leaks: string[];
  lies: string[];
  hung: boolean;
  ms: number;
}

/** More than the deadlines of a cell that is tried twice. The longest is v86's for making a clean state: 200 s. */
const HANG_MS: Readonly<Record<Start, number>> = { warm: 240_000, cold: 480_000 };
const LATE_MS = 4_000;

export async function runTrial(bed: Bed, trial: Trial): Promise<TrialResult> {
  const place = await bed.place(trial.start);
  try {
    const before = await place.inventory();
    const vmtest = await place.bent(trial.trouble);
    const started = performance.now();
    const run = await vmtest.run(cellOf(trial.test), '--seed', 'one');
    const hung = !(await run.endsWithin(HANG_MS[trial.start]));
    const ms = performance.now() - started;
    if (hung) run.kill('SIGKILL', 'group');
    const ended = await readEnd(place.folder, await run.ended);
    const told = await toldIn(place.told);
    const leaks = await leaksOf(place, before, ended);
    return {
      struck: told.some((line) => line.kind !== 'complaint' && line.isBent),
      outcome: ended.result?.cells[0]?.outcome ?? 'none',
      error: errorIn(ended),
      leaks,
      lies: hung ? [] : complaintsAbout(trial, ended, told),
      hung,
      ms,
    };
  } finally {
    await place.end();
  }
}

/** What the run left, and did not tell of; and what is there after a sweep. */
async function leaksOf(
  place: Place,
  before: Awaited<ReturnType<Place['inventory']>>,
  ended: Ended,
): Promise<string[]> {
  const left = await settled(async () => difference(before, await place.inventory()).left);
  if (left.length === 0) return [];
  const untold = ended.tellsOfLeft ? [] : left.map((line) => `untold: ${line}`);
  const { exitCode, output } = await place.healthy.call('clean');
  const still = await settled(async () => difference(before, await place.inventory()).left);
  return [
    ...untold,
    ...still.map((line) => `still: ${line}`),
    ...(exitCode === 0 ? [] : [`\`vmtest clean\` ended with ${exitCode}: ${output}`]),
  ];
}

/** What the kernel takes a moment to forget does not count. */
async function settled(look: () => Promise<string[]>): Promise<string[]> {
  const first = await look();
  if (first.length === 0) return first;
  await delay(LATE_MS);
  return look();
}

function errorIn({ result }: Ended): string {
  const { error } = result?.cells[0] ?? {};
  return error ? `${error.code}: ${error.message}` : '';
}
