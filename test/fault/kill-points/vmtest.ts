/** The built command line in a process of its own, with the events of its run as they come. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '../../../src/results/events.ts';

const CLI = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
const LOOK_MS = 2;
/** A hang, not a time to be kept. */
const ENDS_MS = 600_000;

export interface Ended {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

export interface Place {
  cwd: string;
  /** Where the events are written to. */
  told: string;
  env: NodeJS.ProcessEnv;
  /** What the command line begins with: a program that runs vmtest in its place. */
  before?: readonly string[];
}

export class Vmtest {
  readonly cwd: string;
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
    this.cwd = place.cwd;
  }

  /** To its end; killed when it does not come to one. */
  async call(...args: string[]): Promise<Ended> {
    const child = this.start(...args);
    if (!(await child.endsWithin(ENDS_MS))) child.kill('SIGKILL', 'group');
    return child.ended;
  }

  start(...args: string[]): Running {
    return new Running(this.#spawn(args), undefined);
  }

  /** Starts a run. */
  async run(...args: string[]): Promise<Running> {
    const events = join(this.#place.told, 'events.ndjson');
    await rm(events, { force: true });
    return new Running(
      this.#spawn(['run', ...args, '-r', `events=${events}`, '-r', 'json', '-r', 'junit', '-r', 'plain']),
      events,
    );
  }

  /** In a group of its own, as a shell starts it. */
  #spawn(args: readonly string[]): ChildProcess {
    const { cwd, env, before = [] } = this.#place;
    const [file = '', ...rest] = [...before, process.execPath, CLI, ...args];
    return spawn(file, rest, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

export class Running {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #events: string | undefined;
  readonly #heard: RunEvent[] = [];
  #file: number | undefined;
  #rest = '';
  #isOver = false;

  constructor(child: ChildProcess, events: string | undefined) {
    this.#child = child;
    this.#events = events;
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    // Not `close`: what it left behind may still hold its output open.
    this.ended = new Promise((resolve) => {
      child.once('exit', (exitCode, signal) => {
        this.#isOver = true;
        resolve({ exitCode, signal, output });
      });
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** All that were told until now. */
  get events(): readonly RunEvent[] {
    this.#read();
    return this.#heard;
  }

  /** @param whom the process, or all that a terminal would reach. */
  kill(signal: NodeJS.Signals, whom: 'process' | 'group'): void {
    try {
      process.kill((whom === 'group' ? -1 : 1) * (this.#child.pid as number), signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** What it prints reaches nobody any more. */
  closeTerminal(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const inTime = await Promise.race([this.ended.then(() => true), late]);
    clearTimeout(timer);
    return inTime;
  }

  /** Resolves when so much is told, or when it has ended. */
  async until(isThere: (events: readonly RunEvent[]) => boolean): Promise<void> {
    while (!this.#isOver && !isThere(this.events)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #read(): void {
    if (this.#events === undefined) return;
    try {
      this.#file ??= openSync(this.#events, 'r');
    } catch {
      return;
    }
    const buffer = Buffer.alloc(256 * 1024);
    for (let bytes = readSync(this.#file, buffer); bytes > 0; bytes = readSync(this.#file, buffer)) {
      this.#rest += buffer.toString('utf8', 0, bytes);
    }
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#heard.push(JSON.parse(line) as RunEvent);
    if (this.#isOver) this.#close();
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
