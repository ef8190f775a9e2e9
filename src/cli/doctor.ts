/** What this host can run, what is missing, and the command that mends it. */
import type { Capabilities, Probe } from '../../drivers/driver.ts';
import { engineSchemas, engines, loadDriver } from '../../drivers/registry.ts';
import type { Host } from '../host/host.ts';
import { createRedactor } from '../results/redact.ts';
import { loggingHost } from '../run/logging-host.ts';
import { openMatrix } from '../run/open-matrix.ts';
import { type BrokenTarget, type PlannedTarget, ProbeOnce, planTarget } from '../run/plan-target.ts';
import { EXIT } from './exit-codes.ts';
import { cliHost } from './host.ts';

export interface DoctorOptions {
  file?: string;
  json?: boolean;
  verbose?: boolean;
  record?: string;
}

interface EngineReport extends Probe {
  engine: string;
  capabilities: Capabilities;
}

export async function doctorCommand(options: DoctorOptions): Promise<number> {
  const host = cliHost(options);
  const probes = new ProbeOnce(loggingHost(host, createRedactor([])), new AbortController().signal);
  const reports = await Promise.all(Object.keys(engines).map((engine) => examine(engine, probes)));
  const targets = options.file === undefined ? [] : await checkTargets(options.file, host, probes);
  if (options.json)
    process.stdout.write(`${JSON.stringify({ engines: reports, targets: targets.map(plain) }, null, 2)}\n`);
  else process.stdout.write(`${[...reports.map(engineText), ...targets.map(targetText)].join('\n\n')}\n`);
  return targets.some((target) => 'problems' in target) ? EXIT.error : EXIT.passed;
}

async function examine(engine: string, probes: ProbeOnce): Promise<EngineReport> {
  const { probe } = await probes.of(engine);
  const { capabilities } = await loadDriver(engine);
  return { engine, ...probe, capabilities };
}

async function checkTargets(
  file: string,
  host: Host,
  probes: ProbeOnce,
): Promise<(PlannedTarget | BrokenTarget)[]> {
  const matrix = await openMatrix({ file }, engineSchemas());
  const { signal } = new AbortController();
  const redactor = createRedactor(matrix.secrets);
  return Promise.all(
    Object.values(matrix.targets).map((target) =>
      planTarget(target, loggingHost(host, redactor, target), probes, signal),
    ),
  );
}

function engineText(report: EngineReport): string {
  const { engine, available, version, acceleration, findings, fixes, capabilities } = report;
  const facts = [version, acceleration && `acceleration: ${acceleration}`].filter(Boolean).join(', ');
  const able = Object.entries(capabilities)
    .filter(([, yes]) => yes)
    .map(([name]) => name);
  return [
    `${available ? '✔' : '✘'} ${engine}${facts === '' ? '' : ` (${facts})`}`,
    ...findings.map((finding) => `    ${finding}`),
    `    can: ${able.join(', ')}`,
    ...fixes.map((fix) => `  → ${fix}`),
  ].join('\n');
}

function targetText(target: PlannedTarget | BrokenTarget): string {
  if (!('problems' in target)) {
    return [`✔ target ${target.target.name}`, ...target.notes.map((note) => `    ${note}`)].join('\n');
  }
  return [
    `✘ target ${target.target.name} (${target.engine})`,
    ...target.problems.flatMap(({ code, message, hint }) => [
      `    ${message} [${code}]`,
      ...(hint === undefined ? [] : hint.split('\n').map((line) => `  → ${line}`)),
    ]),
  ].join('\n');
}

function plain(target: PlannedTarget | BrokenTarget): unknown {
  const { name } = target.target;
  if ('problems' in target)
    return { target: name, engine: target.engine, usable: false, problems: target.problems };
  return {
    target: name,
    engine: target.driver.engine,
    usable: true,
    notes: target.notes,
    check: target.check,
  };
}
