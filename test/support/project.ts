/** A scratch project with the real, built command line in it. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { defaultPaths } from '../../src/host/paths.ts';
import type { RunResult } from '../../src/results/model.ts';
import { scratchFolder } from './scratch.ts';

export const CLI = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** For `project`: clean states are named by their content, so tests share them through the user's cache. */
export const SHARED_CACHE = { XDG_CACHE_HOME: dirname(defaultPaths().cache) };

/** For a run that outlives its test. */
const STILL_RUNNING_MS = 10_000;

export interface Ended {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stdout and stderr together have matched. */
  says(pattern: RegExp): Promise<void>;
  ended: Promise<Ended>;
}

export class Project {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  get stateFolder(): string {
    return join(this.#env['XDG_STATE_HOME'] as string, 'vmtest');
  }

  get cacheFolder(): string {
    return join(this.#env['XDG_CACHE_HOME'] as string, 'vmtest');
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Runs `vmtest …` to its end. */
  vmtest(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  start(...args: string[]): Running {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const watchers: (() => void)[] = [];
    const hear = () => {
      for (const watcher of watchers) watcher();
    };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      hear();
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
      hear();
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
    });
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // The test was ended by its deadline, or by another failure: the run says what it was at, and takes its machines away.
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STILL_RUNNING_MS);
      const { exitCode } = await ended;
      clearTimeout(late);
      console.error(`vmtest ${args.join(' ')} ran on when its test ended (${exitCode}):\n${stdout}${stderr}`);
    });
    return {
      pid: child.pid as number,
      kill: (signal) => child.kill(signal),
      ended,
      says: (pattern) =>
        new Promise((resolve, reject) => {
          const look = () => {
            if (pattern.test(stdout + stderr)) resolve();
          };
          watchers.push(look);
          look();
          void ended.then((end) => reject(new Error(`it ended without ${pattern}: ${JSON.stringify(end)}`)));
        }),
    };
  }

  async results(output = 'vmtest-results'): Promise<RunResult> {
    return JSON.parse(await this.read(output, 'results.json')) as RunResult;
  }

  read(...parts: string[]): Promise<string> {
    return readFile(this.path(...parts), 'utf8');
  }
}

/**
 * @param files path → text, written into the project's folder.
 * @param env added to the environment. State and cache are scratch folders unless given here.
 */
export async function project(
  files: Record<string, string>,
  env: Record<string, string> = {},
): Promise<Project> {
  const folder = await scratchFolder();
  await mkdir(join(folder, 'project'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, 'project', path)), { recursive: true });
    await writeFile(join(folder, 'project', path), text);
  }
  const { GITHUB_ACTIONS: _github, CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _color, ...clean } = process.env;
  return new Project(join(folder, 'project'), {
    ...clean,
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    ...env,
  });
}
