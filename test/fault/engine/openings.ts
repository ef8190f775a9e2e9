/**
 * The engines whose machines are VMs of people's, without a guest's boot in each trial: a VM is looked for, checked, restored,
 * started and taken away, while one command goes wrong. Dozens of commands are needed for that, and none waits for a guest.
 *
 *     node --import ./scripts/ts.mjs test/fault/engine/openings.ts ENGINE [FAULT] [INDEX]
 *
 * Arguments, seed and end are those of `campaign.ts`. With `VMTEST_FAULT_START=off` the VM is not even started;
 * `VMTEST_FAULT_COMMANDS` is a pattern of those that go wrong, all by default: `pool-|vol-`.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Machine } from '../../../drivers/driver.ts';
import { createHost } from '../../../src/host/create-host.ts';
import { timeoutError, toVmtestError, VmtestError } from '../../../src/host/errors.ts';
import type { Argv } from '../../../src/host/exec.ts';
import type { Host } from '../../../src/host/host.ts';
import { plan } from '../../../src/run/plan.ts';
import { newSeed } from '../../../src/run/random.ts';
import { onInterrupt } from '../by-hand.ts';
import { ENGINES } from '../kill-points/engines.ts';
import { instead, nameOf } from './bend/commands.ts';
import { OUCH, strikes, type Trouble } from './faults.ts';
import { cellOf, matrixText } from './matrix.ts';
import { gibberishIn } from './promises.ts';
import { type Trial, trialsOf } from './trials.ts';

/** For a restore, and for a start: of an engine that is well, and of one that may hang. */
const PATIENCE_MS = { well: 60_000, bent: 6_000 };
/** Of a driver that takes back what it had begun; its commands have deadlines of their own. */
const REST_MS = 90_000;

const [engine = 'virtualbox', fault = 'all', index] = process.argv.slice(2);
const { VMTEST_FAULT_SEED: seed = newSeed(), VMTEST_FAULT_START: start } = process.env;
const commands = new RegExp(process.env['VMTEST_FAULT_COMMANDS'] ?? '');
const starts = start !== 'off';
const [first = 0, last = first] =
  index === undefined ? [0, Number.POSITIVE_INFINITY] : index.split('-').map(Number);
console.log(`engine ${engine}, seed ${seed}`);
/** Trials that did not go as promised. */
let wrong = 0;
const stop = onInterrupt();
process.on('unhandledRejection', (error) => {
  wrong += 1;
  console.log(`  wrong: unhandled: ${String((error as Error).stack ?? error)}`);
});
const made = await (ENGINES[engine] as NonNullable<(typeof ENGINES)[string]>)();
Object.assign(process.env, made.env);
const folder = await mkdtemp(join(tmpdir(), 'vmo-'));
const file = join(folder, 'matrix.yml');
await mkdir(join(folder, 'up'));
await writeFile(file, matrixText(made.target, 1));

interface Bent {
  host: Host;
  patience: number;
  trouble: Trouble | undefined;
  steps: string[];
  heal(): void;
}

function bentHost(trouble?: Trouble): Bent {
  const host = createHost({ paths: { state: join(folder, 'state'), cache: join(folder, 'cache') } });
  const steps: string[] = [];
  let isWell = false;
  const bend = ([program, ...args]: Argv): Argv => {
    const command = { file: program, args };
    const at = steps.push(nameOf(command)) - 1;
    if (isWell || !trouble || !strikes(trouble, 'command', at)) return [program, ...args];
    const other = instead(trouble, command);
    return [other.file, ...other.args];
  };
  return {
    host: {
      ...host,
      exec: (argv, options) =>
        host.exec(bend(argv), { name: basename(argv[0]), ...options, shown: options?.shown ?? argv }),
      spawn: (argv, options) => host.spawn(bend(argv), options),
    },
    trouble,
    patience: trouble ? PATIENCE_MS.bent : PATIENCE_MS.well,
    steps,
    heal: () => {
      isWell = true;
    },
  };
}

/** From the look for the engine to the machine's end. @returns how it went, and what was wrong. */
async function open({ host, patience, heal, trouble }: Bent): Promise<{ outcome: string; wrong: string[] }> {
  const problems: string[] = [];
  let machine: Machine | undefined;
  let outcome = 'opened';
  const lease = await host.leases.begin({ run: 'test', engine, target: 'box' });
  try {
    const planned = await plan(host, {
      file,
      selectors: [cellOf('good')],
      signal: within(REST_MS),
    });
    const target = planned.targets.get('box');
    if (!target) {
      const [problem] = planned.broken.get('box')?.problems ?? [];
      throw new VmtestError(problem?.code ?? 'none', problem?.message ?? 'no problem is told', {
        hint: problem?.hint ?? '',
      });
    }
    const context = { host, lease, logs: folder, signal: within(patience) };
    machine = await target.driver.open(target.target, context);
    if (starts) await machine.start(within(patience));
  } catch (thrown) {
    const { code, message, hint = '', details = '' } = toVmtestError(thrown);
    outcome = `${code}: ${message}`;
    if (code === 'INTERNAL' || gibberishIn(`${message} ${hint} ${details}`))
      problems.push(`internal: ${outcome} | ${hint} | ${details}`);
    if (trouble?.fault === 'fails' && !`${message} ${hint} ${details}`.includes(OUCH))
      problems.push(`the engine's words are missing: ${outcome} | ${hint} | ${details}`);
  }
  await machine?.release().catch((error: unknown) => {
    const { code, message, details } = toVmtestError(error);
    if (code === 'INTERNAL') problems.push(`release: ${message} ${details}`);
  });
  heal();
  return { outcome, wrong: [...problems, ...(await left(host))] };
}

/** As the deadline of a phase aborts. */
function within(ms: number): AbortSignal {
  const abort = new AbortController();
  setTimeout(() => abort.abort(timeoutError('this trial', ms)), ms).unref();
  return abort.signal;
}

/** After a sweep of what the lease tells of. */
async function left(host: Host): Promise<string[]> {
  const { loadDriver } = await import('../../../drivers/registry.ts');
  const driver = await loadDriver(engine);
  for (const { record } of (await host.leases.list()).leases) {
    await driver.sweep(record, { host, signal: within(REST_MS), dryRun: false });
    await host.leases.forget(record);
  }
  return (await made.more()).filter((line) => !base.includes(line)).map((line) => `left: ${line}`);
}

const base = await made.more();
try {
  const undisturbed = bentHost();
  const { outcome, wrong: odd } = await open(undisturbed);
  if (outcome !== 'opened' || odd.length > 0) throw new Error(`undisturbed: ${outcome} ${odd.join()}`);
  const steps = undisturbed.steps.map((name, at) => ({ kind: 'command' as const, at, name, isBent: false }));
  const trials = trialsOf([{ test: 'good', start: 'warm', steps }], seed);
  console.log(`${steps.length} commands, ${trials.length} trials`);
  let count = 0;
  for (const [at, trial] of trials.entries()) {
    const isWanted = (fault === 'all' || trial.trouble.fault === fault) && commands.test(trial.name);
    if (stop.aborted || !isWanted || at < first || at > last) continue;
    count += 1;
    await attempt(trial, at);
  }
  console.log(`${count} trials, ${wrong} wrong`);
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  await made.end();
  await rm(folder, { recursive: true, force: true });
}

async function attempt(trial: Trial, at: number): Promise<void> {
  const { trouble, name } = trial;
  const words = `${at} ${trouble.fault} ${trouble.span}${trouble.isDone ? ' (done)' : ''} v${trouble.variant}: ${trouble.at} (${name})`;
  const result = await open(bentHost(trouble)).catch((error: unknown) => ({
    outcome: 'threw',
    wrong: [String((error as Error).stack)],
  }));
  process.stderr.write(`${words}: ${result.outcome}\n`);
  if (result.wrong.length === 0) return;
  wrong += 1;
  console.log(
    `VMTEST_FAULT_SEED=${seed} … ${engine} all ${at}\n  ${words}\n${result.wrong.map((line) => `  wrong: ${line}`).join('\n')}`,
  );
}
