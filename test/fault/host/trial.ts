/** One run on an ill host, what mends it, and what is wrong afterwards. */
import { difference } from '../inventory/inventory.ts';
import type { Bed } from './bed.ts';
import type { Ending, Hardship } from './hardship.ts';
import { judge } from './verdicts.ts';

export interface TrialResult {
  ending: Ending;
  /** A line each; none for a trial that went well. */
  leaks: string[];
  wrong: string[];
  hung: boolean;
  /** What it printed. */
  said: string;
  seconds: number;
}

/** Generous: it finds hangs. */
const HANG_MS = 120_000;

type Environment = Readonly<Record<string, string | undefined>>;

export async function runTrial(bed: Bed, hardship: Hardship): Promise<TrialResult> {
  const imposed = await hardship.impose(bed.place);
  try {
    const env = { ...(hardship.cold ? {} : { XDG_CACHE_HOME: bed.place.warm }), ...imposed.env };
    const before = await bed.inventory();
    const started = performance.now();
    const run = await bed.vmtest({ before: imposed.before ?? [], env }).run(...(imposed.args ?? []));
    const beside = imposed.during?.(() => run.isOver);
    const hung = !(await run.endsWithin(HANG_MS));
    if (hung) run.kill('SIGKILL', 'group');
    const ended = await run.ended;
    const seconds = (performance.now() - started) / 1000;
    await beside;
    const { wrong, ending } = await judge({ ended, told: run.events, folder: bed.place.project }, hardship);
    await imposed.lift?.();
    const clean = await bed.vmtest({ env: whereItWas(env) }).call('clean');
    if (clean.exitCode !== 0) wrong.push(`\`vmtest clean\` ended with ${clean.exitCode}: ${clean.output}`);
    const { left, gone } = difference(before, await bed.inventory());
    const leaks = [...left, ...gone.map((line) => `gone: ${line}`)];
    return { ending, leaks, wrong, hung, said: ended.output, seconds };
  } finally {
    await imposed.end?.();
    await bed.reset();
  }
}

/** `clean` looks for what the run left, on a host that is well again. Where no folder could be made there is nothing. */
function whereItWas(env: Environment): Environment {
  if (env['HOME'] === '/proc') return {};
  return Object.fromEntries(Object.entries(env).filter(([name]) => /^XDG_|^HOME$/.test(name)));
}
