/**
 * Processes that are simulated inside one, to be interleaved and killed at will. Each runs real code; whatever that code asks
 * of the outside (a file, an engine) first passes a gate, where it waits until a test lets it through. A killed process
 * gets through no gate any more: like one that SIGKILL has hit, it never does anything again, and nothing of it is tidied up.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ProcessIdentity } from '../../../src/host/host.ts';

/** Something that a process is about to do. */
export interface Waiting {
  process: SimulatedProcess;
  what: string;
  go(): void;
}

const current = new AsyncLocalStorage<SimulatedProcess>();

export class SimulatedProcess {
  readonly identity: ProcessIdentity;
  readonly name: string;
  /** In the order in which they came. */
  readonly #queue: Waiting[];
  #state: 'running' | 'ended' | 'dead' = 'running';
  /** What its main function threw. */
  failure: unknown;

  constructor(name: string, identity: ProcessIdentity, queue: Waiting[]) {
    this.name = name;
    this.identity = identity;
    this.#queue = queue;
  }

  get isAlive(): boolean {
    return this.#state === 'running';
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  /** Ends when the main function has. */
  start(main: () => Promise<unknown>): void {
    void current.run(this, async () => {
      try {
        await main();
      } catch (error) {
        this.failure = error;
      }
      if (this.#state === 'running') this.#state = 'ended';
    });
  }

  kill(): void {
    if (this.#state !== 'running') return;
    this.#state = 'dead';
    const others = this.#queue.filter((waiting) => waiting.process !== this);
    this.#queue.splice(0, this.#queue.length, ...others);
  }

  pass(what: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state !== 'dead') this.#queue.push({ process: this, what, go: resolve });
    });
  }
}

/** The one whose code runs; undefined outside of all. */
export function currentProcess(): SimulatedProcess | undefined {
  return current.getStore();
}

/** Waits its turn. Who belongs to no simulated process has his at once. */
export async function gate(what: string): Promise<void> {
  await current.getStore()?.pass(what);
}
