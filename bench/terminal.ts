/**
 * What does drawing cost? The same fake run of 500 cells on a pseudo-terminal, with the terminal reporter and without:
 * the difference in processor time, per second of the run. `npx tsx bench/terminal.ts [CELLS] [ROUNDS]`; needs `script`
 * of util-linux and bash.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, median } from './support.ts';

const [cells = 500, rounds = 3] = process.argv.slice(2).map(Number);
const SIZE = { columns: 200, rows: 50 };

interface Times {
  /** Seconds. */
  cpu: number;
  wall: number;
}

const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
try {
  await writeFile(join(folder, 'matrix.yml'), matrixOf(cells));
  await times('warm-up', ['json']);
  const shares: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const without = await times(`without-${round}`, ['json']);
    const drawn = await times(`with-${round}`, ['terminal', 'json']);
    const share = (drawn.cpu - without.cpu) / drawn.wall;
    shares.push(share);
    console.log(
      `round ${round}: ${drawn.cpu.toFixed(2)} s of processor with, ${without.cpu.toFixed(2)} s without, ` +
        `in ${drawn.wall.toFixed(1)} s: ${percent(share)} of a core`,
    );
  }
  console.log(`${cells} cells: the terminal reporter costs ${percent(median(shares))} of a core (median)`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs the built command line on a pseudo-terminal of its own; the shell's clock leaves nothing out. */
async function times(name: string, reporters: readonly string[]): Promise<Times> {
  const run = [
    process.execPath,
    CLI,
    'run',
    'matrix.yml',
    ...reporters.flatMap((reporter) => ['-r', reporter]),
  ];
  const file = join(folder, `${name}.times`);
  const command = `stty cols ${SIZE.columns} rows ${SIZE.rows}; TIMEFORMAT='%U %S %R'; { time ${run.join(' ')} 2>/dev/tty; } 2>${file}`;
  const env = {
    ...process.env,
    SHELL: '/bin/bash',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    XDG_STATE_HOME: join(folder, 'state'),
  };
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  const [user = NaN, system = NaN, wall = NaN] = (await readFile(file, 'utf8'))
    .trim()
    .split(/\s+/)
    .map(Number);
  if (Number.isNaN(wall)) throw new Error(`${name} ended with ${exitCode}, and without its times`);
  return { cpu: user + system, wall };
}

/** Cells as a busy host has them: some at once, a few seconds each, some that fail, all of them talking. */
function matrixOf(size: number): string {
  const list = (count: number) => `[${Array.from({ length: count }, (_, index) => index).join(', ')}]`;
  return `version: 1
targets:
  t:
    engine: fake
    latency: { restore: 50ms..200ms, boot: 200ms..500ms, run: 1s..4s, collect: 100ms, release: 100ms }
    fail: { run: { probability: 0.05, exit-code: 1 } }
    output: ${JSON.stringify(Array.from({ length: 20 }, (_, line) => `line ${line} of the output`))}
matrix: { a: ${list(size / 10)}, b: ${list(10)} }
limits: { jobs: 32, cpus: 32 }
test: { run: 'true' }
`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
