/** An agent's link that remembers that it was lost: from then on nothing is waited for, and nothing tidied up. */
import { VmtestError } from '../../host/errors.ts';
import type { AgentLink } from '../channel.ts';

/** From these no link comes back. */
const LOSSES: ReadonlySet<string> = new Set(['GUEST_AGENT_LOST', 'GUEST_CONSOLE_LOST']);

export class WatchedLink {
  readonly link: AgentLink;
  #isLost = false;

  constructor(link: AgentLink) {
    this.link = link;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  async watch<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw this.#noted(error);
    }
  }

  async *watchPieces<T, R>(pieces: AsyncGenerator<T, R>): AsyncGenerator<T, R> {
    try {
      return yield* pieces;
    } catch (error) {
      throw this.#noted(error);
    }
  }

  /** By the engine's call. False when there is none, or when it does not work in this guest. */
  async setClock(signal: AbortSignal): Promise<boolean> {
    if (!this.link.setClock) return false;
    try {
      await this.watch(this.link.setClock(Date.now(), signal));
      return true;
    } catch (error) {
      if (error instanceof VmtestError && !error.retryable && !signal.aborted) return false;
      throw error;
    }
  }

  /** Starts a program whose end nobody waits for. */
  async startUnwatched(argv: readonly string[]): Promise<void> {
    if (this.#isLost) return;
    await this.link.start(argv, { capture: false }, new AbortController().signal).catch(() => {});
  }

  #noted(error: unknown): unknown {
    if (error instanceof VmtestError && LOSSES.has(error.code)) this.#isLost = true;
    return error;
  }
}
