/** What the benchmarks share: running the built command line, and statistics of few samples. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

export interface Measured {
  exitCode: number | null;
  /** Milliseconds from spawn to exit. */
  wall: number;
  /** Bytes; peak of the process itself, without children. Zero where the system does not tell. */
  peak: number;
  stdout: string;
  stderr: string;
}

export async function measure(
  argv: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const started = performance.now();
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const measured: Measured = { exitCode: null, wall: 0, peak: 0, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    measured.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    measured.stderr += chunk;
  });
  const watch = setInterval(() => {
    measured.peak = Math.max(measured.peak, peakOf(child.pid));
  }, 20);
  measured.exitCode = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  measured.wall = performance.now() - started;
  return measured;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

function peakOf(pid: number | undefined): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
