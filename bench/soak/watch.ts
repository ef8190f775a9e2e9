/** One long run of the built command line, and what its process and its folders have while it goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '../../src/results/model.ts';
import { CLI } from '../support.ts';

/** What `probe.mjs` tells. Memory in bytes, after a collection of garbage; all else are numbers of things. */
export interface Probed {
  rss: number;
  heap: number;
  /** Of buffers outside the heap. */
  external: number;
  descriptors: number;
  threads: number;
  children: number;
  /** What keeps the event loop going: timers, sockets, pipes. */
  handles: number;
  /** Living objects of these kinds, whether anybody needs them or not. */
  signals: number;
  sockets: number;
  processes: number;
  /** On `process`. */
  listeners: number;
}

export interface Sample extends Probed {
  /** Cells that had begun. */
  cells: number;
  seconds: number;
  /** Bytes of these folders. */
  state: number;
  cache: number;
  temporary: number;
}

export interface Soak {
  samples: Sample[];
  /** Of Node, inside the process. */
  warnings: string[];
  result: RunResult;
}

export interface Place {
  /** Holds `matrix.yml`, and gets what the run writes. */
  folder: string;
  cells: number;
  onSample?: (sample: Sample) => Promise<void>;
}

const EVERY_MS = 5_000;
const INTERRUPTED = 130;
const PROBE = fileURLToPath(new URL('./probe.mjs', import.meta.url));

/** Ctrl-C ends it early. @throws Error when a cell did not pass. */
export async function soak({ folder, cells, onSample }: Place): Promise<Soak> {
  const at = (name: string) => join(folder, name);
  const args = ['run', '--jobs', '1', '--repeat', `${cells}`, '-r', 'json', '-r', 'junit', '-r', 'html'];
  const child = spawn(process.execPath, ['--expose-gc', '--import', PROBE, CLI, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      XDG_STATE_HOME: at('state'),
      XDG_CACHE_HOME: at('cache'),
      TMPDIR: at('tmp'),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Ctrl-C is for us to pass on: of two, the second would cut the reports off.
    detached: true,
  });
  let isStopped = false;
  process.once('SIGINT', () => {
    isStopped = true;
    child.kill('SIGINT');
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'exit');
  const started = performance.now();
  const samples: Sample[] = [];
  let warnings: string[] = [];
  for (;;) {
    if ((await Promise.race([ended, delay(EVERY_MS, 'time')])) !== 'time') break;
    const answer = await ask(child, ended);
    if (!answer || isStopped) break;
    const { warnings: heard, ...probed } = answer;
    warnings = heard;
    const sample = { ...probed, ...(await foldersOf(folder)), seconds: (performance.now() - started) / 1000 };
    samples.push(sample);
    await onSample?.(sample);
  }
  await ended;
  const result = JSON.parse(await readFile(at('vmtest-results/results.json'), 'utf8')) as RunResult;
  if (child.exitCode !== (isStopped ? INTERRUPTED : 0)) {
    throw new Error(`the run ended with ${child.exitCode}: ${said}`);
  }
  return { samples, warnings, result };
}

/** Undefined when it ends meanwhile. */
async function ask(
  child: ChildProcess,
  ended: Promise<unknown>,
): Promise<(Probed & { warnings: string[] }) | undefined> {
  const answer = once(child, 'message');
  child.send('sample', () => {});
  const first = await Promise.race([answer, ended.then(() => undefined)]);
  return first?.[0] as Probed & { warnings: string[] };
}

async function foldersOf(folder: string): Promise<Pick<Sample, 'cells' | 'state' | 'cache' | 'temporary'>> {
  const [state, cache, temporary] = await Promise.all(
    ['state', 'cache', 'tmp'].map((name) => bytesOf(join(folder, name))),
  );
  const cells = await readdir(join(folder, 'vmtest-results', 'cells')).catch(() => []);
  return { cells: cells.length, state: state ?? 0, cache: cache ?? 0, temporary: temporary ?? 0 };
}

/** As the disk counts them: holes do not. What vanishes while it is looked at has none. */
async function bytesOf(folder: string): Promise<number> {
  const entries = await below(folder);
  const sizes = entries.map((entry) =>
    lstat(join(entry.parentPath, entry.name)).then(
      ({ blocks }) => blocks * 512,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

/** Again when a folder vanishes while it is read. */
async function below(folder: string): Promise<Dirent[]> {
  for (;;) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined);
    if (entries) return entries;
  }
}
