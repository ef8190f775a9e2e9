/** What an engine is asked in a run that nobody disturbs: the places at which something can go wrong. */
import { readFile } from 'node:fs/promises';
import type { Bed, Place, Start } from './bed.ts';
import type { Step, Told } from './bend/told.ts';
import type { StepKind } from './faults.ts';
import { cellOf, type Test } from './matrix.ts';

export async function courseOf(bed: Bed, test: Test, start: Start): Promise<Step[]> {
  const place = await bed.place(start);
  try {
    return await stepsAt(place, test);
  } finally {
    await place.end();
  }
}

async function stepsAt(place: Place, test: Test): Promise<Step[]> {
  const vmtest = await place.bent();
  const run = await vmtest.run(cellOf(test), '--seed', 'one');
  const { exitCode, output } = await run.ended;
  if (exitCode !== (test === 'good' ? 0 : 1))
    throw new Error(`an undisturbed run ended with ${exitCode}:\n${output}`);
  return (await toldIn(place.told)).filter((line) => line.kind !== 'complaint') as Step[];
}

/** Of a cold start's steps those that make the clean state. The rest are a warm start's, some more or less, as guests are asked until they answer. */
export function makingOf(cold: readonly Step[], warm: readonly Step[]): Step[] {
  const count = (steps: readonly Step[], wanted: StepKind) =>
    steps.filter(({ kind }) => kind === wanted).length;
  return cold.filter(({ kind, at }) => at < count(cold, kind) - count(warm, kind));
}

export async function toldIn(path: string): Promise<Told[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);
}
