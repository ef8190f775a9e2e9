/**
 * The whole campaign on one engine, or some points of it:
 *
 *     node --import ./scripts/ts.mjs test/fault/kill-points/campaign.ts ENGINE [POINTS] [WAY] [INDEX]
 *
 * POINTS for each way of killing, 200 by default; WAY and INDEX choose one way and one point of it. The seed is
 * `VMTEST_FAULT_SEED`, or a new one; with `VMTEST_FAULT_COMPANY=none` no other run goes on beside. Needs `npm run build`. Ctrl-C
 * ends it after the present trial, with the table of what was done. Ends with 1 when anything was left, wrong or hung.
 */
import { newSeed } from '../../../src/run/random.ts';
import { exitCodeFor, onInterrupt } from '../by-hand.ts';
import { attack } from './attack.ts';
import { createBed } from './bed.ts';
import { WAYS, type Way } from './points.ts';
import { tableOf } from './table.ts';

const [engine = 'qemu', points = '200', way, index] = process.argv.slice(2);
const seed = process.env['VMTEST_FAULT_SEED'] ?? newSeed();
console.log(`engine ${engine}, seed ${seed}`);
const stop = onInterrupt();
const bed = await createBed(engine);
try {
  const done = await attack(bed, {
    seed,
    points: Number(points),
    ways: way === undefined ? WAYS : [way as Way],
    ...(index === undefined ? {} : { only: Number(index) }),
    onWrong: (words) => console.log(words),
    onProgress: (words) => process.stderr.write(`${words}\n`),
    signal: stop,
  });
  console.log(tableOf(done));
  process.exitCode = exitCodeFor(done);
} finally {
  await bed.end();
}
