/**
 * The whole campaign, or a part of it:
 *
 *     node --import ./scripts/ts.mjs test/fault/guest/campaign.ts TARGETS [FAULTS] [NAMES]
 *
 * TARGETS is a list such as `agent,ssh,console,v86`; FAULTS is `quick` (the default), `long` or `all`; NAMES is a regular
 * expression for the names of faults. Needs `npm run build`. What vmtest prints goes to stderr, a table of what it said
 * to stdout. Ends with 1 when anything was wrong.
 */
import type { CellResult } from '../../../src/results/model.ts';
import type { Faults } from './expected.ts';
import { FAULTS } from './faults.ts';
import { LONG } from './long-faults.ts';
import { runFaults } from './run-faults.ts';
import { targetsOf } from './targets.ts';

const [names = 'agent', which = 'quick', pattern = ''] = process.argv.slice(2);
const sets: Readonly<Record<string, Faults>> = { quick: FAULTS, long: LONG, all: { ...FAULTS, ...LONG } };
const wanted = Object.entries(sets[which] ?? {}).filter(([name]) => new RegExp(pattern).test(name));
const targets = await targetsOf(names.split(','));
const { wrong, result, ended } = await runFaults({
  faults: Object.fromEntries(wanted),
  targets,
  onOutput: (text) => process.stderr.write(text),
});
console.log('| target | fault | outcome | phase | code | run |\n|---|---|---|---|---|---|');
for (const cell of result.cells) console.log(rowOf(cell));
console.log(
  `\n${result.cells.length} cells in ${seconds(ended.ms)}; vmtest took ${mebibytes(ended.peakBytes)}`,
);
for (const line of wrong) console.log(`wrong: ${line}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

function rowOf({ target, values, outcome, phase, error, timings }: CellResult): string {
  const words = [target, values['fault'], outcome, phase ?? '', error?.code ?? '', seconds(timings.run ?? 0)];
  return `| ${words.join(' | ')} |`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
