/**
 * All hardships on QEMU, or those whose name fits:
 *
 *     node --import ./scripts/ts.mjs test/fault/host/campaign.ts [PATTERN]
 *
 * Needs root on Linux, `npm run build`, and `./scripts/setup.sh faults`. Ends with 1 when anything was left, wrong or hung, or
 * could not be tried.
 */
import { HARDSHIPS } from './all.ts';
import { Bed } from './bed.ts';
import { tableOf } from './table.ts';
import { runTrial, type TrialResult } from './trial.ts';

const pattern = new RegExp(process.argv[2] ?? '');
const wanted = HARDSHIPS.filter(({ kind, name }) => pattern.test(`${kind}: ${name}`));
const done: { kind: string; result: TrialResult }[] = [];
const bed = await Bed.create();
try {
  for (const hardship of wanted) {
    const { kind, name, needs = [] } = hardship;
    try {
      const result = await runTrial(bed, hardship);
      done.push({ kind, result });
      console.log(`${kind}: ${name}: ${result.ending}, ${result.seconds.toFixed(1)} s`);
      const { leaks, wrong, hung } = result;
      for (const line of [...leaks.map((each) => `left: ${each}`), ...wrong, ...(hung ? ['hung'] : [])]) {
        console.log(`  ${line}`);
        process.exitCode = 1;
      }
    } catch (error) {
      console.log(`${kind}: ${name}: could not be tried (${error}); it takes ${needs.join(' ') || 'root'}`);
      process.exitCode = 1;
    }
  }
  console.log(tableOf(done));
} finally {
  await bed.end();
}
