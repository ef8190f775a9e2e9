/**
 * The whole campaign on one engine, or some trials of it:
 *
 *     node --import ./scripts/ts.mjs test/fault/engine/campaign.ts ENGINE [FAULT] [INDEX]
 *
 * FAULT is one of those of `faults.ts`, or `all`; INDEX one trial of the seed's order, or a range of them: `0-99`. The seed is
 * `VMTEST_FAULT_SEED`, or a new one; `VMTEST_FAULT_START` is `warm` (the clean state is there) or `cold` (it is made), else both;
 * `VMTEST_FAULT_AT_ONCE` has so many trials side by side where the engine can, 3 by default. Needs `npm run build`. Ctrl-C ends it
 * after the present trials, with the table of what was done. Ends with 1 when anything was left, wrong or hung.
 */
import { newSeed } from '../../../src/run/random.ts';
import { exitCodeFor, onInterrupt } from '../by-hand.ts';
import { attack } from './attack.ts';
import { createBed, type Start } from './bed.ts';
import { tableOf } from './table.ts';

const [engine = 'qemu', fault = 'all', index] = process.argv.slice(2);
const {
  VMTEST_FAULT_SEED: seed = newSeed(),
  VMTEST_FAULT_START: start,
  VMTEST_FAULT_AT_ONCE: atOnce = '3',
} = process.env;
const [first = 0, last = first] =
  index === undefined ? [0, Number.POSITIVE_INFINITY] : index.split('-').map(Number);
console.log(`engine ${engine}, seed ${seed}`);
const stop = onInterrupt();
const bed = await createBed(engine);
try {
  const starts: Start[] = bed.makesStates ? ['warm', 'cold'] : ['warm'];
  const done = await attack(bed, {
    seed,
    starts: starts.filter((each) => start === undefined || each === start),
    wanted: ({ trouble }, at) => (fault === 'all' || trouble.fault === fault) && at >= first && at <= last,
    atOnce: Number(atOnce),
    onWrong: (words) => console.log(words),
    onProgress: (words) => process.stderr.write(`${words}\n`),
    signal: stop,
  });
  console.log(tableOf(done));
  process.exitCode = exitCodeFor(done);
} finally {
  await bed.end();
}
