/** What an engine is asked in a run that nobody disturbs: the places at which something can go wrong. */
import { readFile } from 'node:fs/promises';
import type { Bed, Start } from './bed.ts';
import type { Step, Told } from './bend/told.ts';
import { cellOf, type Test } from './matrix.ts';

export async function courseOf(bed: Bed, test: Test, start: Start): Promise<Step[]> {
  const place = await bed.place(start);
  const vmtest = await place.bent();
  const run = await vmtest.run(cellOf(test), '--seed', 'one');
  const { exitCode, output } = await run.ended;
  if (exitCode !== (test === 'good' ? 0 : 1))
    throw new Error(`an undisturbed run ended with ${exitCode}:\n${output}`);
  const steps = (await toldIn(place.told)).filter((line) => line.kind !== 'complaint');
  await place.end();
  return steps as Step[];
}

export async function toldIn(path: string): Promise<Told[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);
}
