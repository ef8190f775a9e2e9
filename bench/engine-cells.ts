// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of a matrix file
/**
 * What a cell costs on each of the six engines, phase by phase, beside a cold boot of the same guest by QEMU alone:
 * `npx tsx bench/engine-cells.ts [ROUNDS]`. Of the vendors' tools that cannot be had, stand-ins answer, which are slower or
 * quicker than the real ones: what this shows of those engines is how many commands vmtest runs for a cell, and how long it
 * waits besides.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CellResult, RunResult } from '../src/results/model.ts';
import { createStandIns } from '../test/standins/create.ts';
import { tinyGuest } from '../test/support/guests.ts';
import { sixEngines } from '../test/support/six-engines.ts';
import { CLI, measure, median } from './support.ts';

const PHASES = ['restore', 'boot', 'connect', 'upload', 'run', 'collect', 'release'] as const;
const rounds = process.argv[2] ?? '5';
const vm = `vmtest-bench-${process.pid}`;
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
const engines = await sixEngines(vm, createStandIns);
try {
  await writeFile(join(folder, 'matrix.yml'), await matrix());
  const cells = await run();
  const cold = ofTarget(cells, 'cold');
  for (const target of new Set(cells.map(({ target }) => target)))
    report(target, ofTarget(cells, target), cold);
} finally {
  await engines.standIns.end();
  await engines.libvirt.end();
  await rm(folder, { recursive: true, force: true });
}

/** The example, with one target more. */
async function matrix(): Promise<string> {
  const { image, key } = await tinyGuest();
  const example = fileURLToPath(new URL('../examples/six-engines/', import.meta.url));
  const text = await readFile(join(example, 'matrix.yml'), 'utf8');
  const cold =
    '  cold: { engine: qemu, image: "${{ vars.image }}", snapshot: none, memory: 128M, guest: *guest }\n';
  return text
    .replace('vm: debian-12', `vm: ${vm}`)
    .replace(/vmx: .*/, `vmx: ${engines.vmx}`)
    .replace(/image: .*/, `image: ${image}`)
    .replace(/key: .*/, `key: ${key}`)
    .replace(/port: 22.*/, 'port: 2222')
    .replace('from: tests', `from: ${join(example, 'tests')}`)
    .replace('limits: { jobs: 2 }', 'limits: { jobs: 1 }')
    .replace('\nmatrix:\n  target: [', `${cold}\nmatrix:\n  target: [cold, `);
}

async function run(): Promise<CellResult[]> {
  const output = join(folder, 'results');
  const argv = [process.execPath, CLI, 'run', join(folder, 'matrix.yml'), '--repeat', rounds, '-o', output];
  const { exitCode, stdout, stderr } = await measure(argv, {
    env: { ...process.env, ...engines.standIns.env() },
  });
  if (exitCode !== 0) throw new Error(stdout + stderr);
  return (JSON.parse(await readFile(join(output, 'results.json'), 'utf8')) as RunResult).cells;
}

function ofTarget(cells: readonly CellResult[], name: string): CellResult[] {
  return cells.filter(({ target }) => target === name);
}

function report(target: string, cells: readonly CellResult[], cold: readonly CellResult[]): void {
  const whole = (of: readonly CellResult[]) =>
    median(of.map(({ timings }) => PHASES.reduce((sum, phase) => sum + (timings[phase] ?? 0), 0)));
  const split = PHASES.map(
    (phase) => `${phase} ${median(cells.map(({ timings }) => timings[phase] ?? 0)).toFixed(0)}`,
  );
  const ratio = (whole(cells) / whole(cold)).toFixed(2);
  console.log(`${target}: ${whole(cells).toFixed(0)} ms, ${ratio} × a cold boot\n  ${split.join(', ')}`);
}
