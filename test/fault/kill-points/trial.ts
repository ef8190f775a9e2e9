/** One kill, what mends it, and what is wrong afterwards. */
import { setTimeout as delay } from 'node:timers/promises';
import { difference } from '../inventory/inventory.ts';
import type { Bed } from './bed.ts';
import { QUICK } from './matrix.ts';
import type { Point } from './points.ts';
import { brokenReports, wrongVerdicts } from './verdicts.ts';
import type { Running } from './vmtest.ts';

export interface TrialResult {
  /** A line each; none for a trial that went well. */
  leaks: string[];
  /** What was there a moment too long, and is gone by now. */
  late: string[];
  lies: string[];
  hung: boolean;
  /** Whether who repaired it was struck before it was over. */
  struck: boolean;
  /** Milliseconds from the first signal to the exit. Absent when the run was over before. */
  toExit?: number;
  /** Where the run was: its last event before the signal. */
  last: string;
}

/** Generous: it finds hangs. */
const HANG_MS = 60_000;
const LATE_MS = 4_000;

export async function runTrial(bed: Bed, point: Point): Promise<TrialResult> {
  const { vmtest } = bed;
  if (point.cold) await bed.makeCold();
  if (point.kept) await vmtest.call('run', QUICK, '--keep', 'always', '-o', '../company/kept');
  const before = await bed.inventory();
  await bed.person.leaves();
  const run = await vmtest.run();
  await reach(run, point);
  const known = [...run.events];
  const wasOver = run.isOver;
  const started = performance.now();
  await send(run, point);
  const hung = !(await run.endsWithin(HANG_MS));
  const toExit = performance.now() - started;
  if (hung) run.kill('SIGKILL', 'group');
  const ended = await run.ended;
  const after = { known, ended, told: run.events, folder: vmtest.cwd, cells: bed.cells.outcomes };
  const lies = isForced(point) ? await brokenReports(after) : await wrongVerdicts(after);
  const repaired = isForced(point) ? await repair(bed, point) : { lies: [], struck: false };
  lies.push(...repaired.lies);
  const wrong = await bed.person.comesBack();
  const left = await whatIsLeft();
  const { leaks, late } = left.length === 0 ? { leaks: [], late: [] } : await again(left);
  // The next trial begins with nothing of this one.
  if (point.kept || leaks.length > 0) await vmtest.call('clean');
  return {
    leaks: [...wrong, ...leaks, ...bed.company.missing()],
    late,
    lies,
    hung,
    struck: repaired.struck,
    ...(wasOver ? {} : { toExit }),
    last: wasOver ? 'over' : nameOf(known.at(-1)),
  };

  async function whatIsLeft(): Promise<string[]> {
    const { left, gone } = difference(before, await bed.inventory());
    return [...left, ...gone.map((line) => `gone: ${line}`)];
  }

  async function again(first: readonly string[]): Promise<{ leaks: string[]; late: string[] }> {
    await delay(LATE_MS);
    const leaks = await whatIsLeft();
    return { leaks, late: first.filter((line) => !leaks.includes(line)) };
  }
}

/** Nobody may expect reports then, nor that it winds down. */
function isForced({ way }: Point): boolean {
  return way === 'SIGKILL' || way === 'SIGINT SIGINT';
}

async function reach(run: Running, { when }: Point): Promise<void> {
  if ('events' in when) await run.until((events) => events.length >= when.events);
  if (when.ms > 0) await Promise.race([delay(when.ms), run.ended]);
}

async function send(run: Running, { way, pause }: Point): Promise<void> {
  if (run.isOver) return;
  const [signal, more] = way.split(' ') as [NodeJS.Signals, string | undefined];
  run.kill(signal, more === 'group' ? 'group' : 'process');
  if (signal === 'SIGHUP') run.closeTerminal();
  if (more !== 'SIGINT') return;
  await Promise.race([delay(pause), run.ended]);
  if (!run.isOver) run.kill('SIGINT', 'process');
}

interface Repaired {
  lies: string[];
  struck: boolean;
}

async function repair({ vmtest }: Bed, point: Point): Promise<Repaired> {
  const args = point.repair === 'clean' ? ['clean'] : ['run', QUICK, '-o', '../company/next'];
  const name = `\`vmtest ${args.join(' ')}\``;
  const { lies, struck } =
    point.struck === undefined
      ? { lies: [], struck: false }
      : await strike(vmtest.start(...args), point.struck);
  const { exitCode, output } = await vmtest.call(...args);
  if (exitCode !== 0) lies.push(`ended with ${exitCode}: ${output}`);
  return { lies: lies.map((words) => `${name} ${words}`), struck };
}

/** What is wrong with how it ends: it may be over before, or not listen to signals yet. */
async function strike(mender: Running, { way, ms }: NonNullable<Point['struck']>): Promise<Repaired> {
  await Promise.race([delay(ms), mender.ended]);
  const struck = !mender.isOver;
  if (struck) mender.kill(way, 'process');
  const inTime = await mender.endsWithin(HANG_MS);
  if (!inTime) mender.kill('SIGKILL', 'group');
  const { exitCode, signal, output } = await mender.ended;
  const isFine = inTime && (exitCode === 0 || exitCode === 130 || signal === way);
  return {
    lies: isFine
      ? []
      : [`was struck by ${way}, and ${inTime ? `ended with ${exitCode}` : 'went on'}: ${output}`],
    struck,
  };
}

function nameOf(event: Running['events'][number] | undefined): string {
  if (event === undefined) return 'before the first event';
  if (event.type === 'cell:phase') return event.phase;
  return event.type === 'target:prepare' ? `prepare ${event.state}` : event.type;
}
