/** The built command line, with how much memory it took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
const REPORTERS = ['json', 'junit', 'plain', 'html', 'events', 'ctrf', 'github'];
const LOOK_MS = 200;
/** A hang, not a time to be kept. */
const HANG_MS = 1_200_000;

export interface Ended {
  exitCode: number | null;
  /** Its last words. */
  output: string;
  /** Of resident memory, at most. */
  peakBytes: number;
  ms: number;
}

export interface Place {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Gets all that it prints. */
  onOutput?: ((text: string) => void) | undefined;
}

/** `vmtest run` with every reporter that writes, to its end. */
export async function vmtest({ cwd, env, onOutput = () => {} }: Place): Promise<Ended> {
  const began = performance.now();
  const argv = [CLI, 'run', ...REPORTERS.flatMap((name) => ['-r', name])];
  const child = spawn(process.execPath, argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-64 * 1024);
      onOutput(text);
    });
  }
  let peakBytes = 0;
  const look = setInterval(async () => {
    peakBytes = Math.max(peakBytes, await peakOf(child.pid as number));
  }, LOOK_MS);
  const hang = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearInterval(look);
  clearTimeout(hang);
  return { exitCode, output, peakBytes, ms: performance.now() - began };
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
