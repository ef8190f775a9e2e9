/**
 * Many runs at once over one thing:
 *
 *     node --import ./scripts/ts.mjs test/fault/company/campaign.ts [THING] [RUNS] [HOW]
 *
 * THING is `qemu`, `v86` (a clean state to be made), `virtualbox` or `libvirt` (one VM; the former is a stand-in); all of them by
 * default. RUNS: 10 by default. HOW is `undisturbed`, or `killed`: the run that has what the others wait for; both by default.
 * Needs `npm run build`. Ends with 1 when anything was wrong.
 */
import { crowd } from './crowd.ts';
import { SHARED } from './targets.ts';

const [thing, runs = '10', wanted] = process.argv.slice(2);
for (const [name, create] of Object.entries(SHARED)) {
  if (thing !== undefined && thing !== name) continue;
  const shared = await create();
  try {
    for (const how of ['undisturbed', 'killed']) {
      if (wanted !== undefined && wanted !== how) continue;
      const { wrong, seconds, waited } = await crowd(shared, {
        runs: Number(runs),
        killed: how === 'killed',
      });
      console.log(
        `| ${name} | ${runs} runs, ${how} | ${waited} waited | ${wrong.length} wrong | ${seconds.toFixed(0)} s |`,
      );
      for (const line of wrong) console.log(line);
      if (wrong.length > 0) process.exitCode = 1;
    }
  } finally {
    await shared.end();
  }
}
