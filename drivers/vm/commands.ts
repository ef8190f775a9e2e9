/** An engine's commands, as many at a time as it stands, and again when it says that it is busy. */
import pLimit from 'p-limit';
import { linkSignal, sleep } from '../../src/host/deadline.ts';
import { toVmtestError } from '../../src/host/errors.ts';
import { waitsFor } from '../../src/host/waits.ts';
import type { VmControl } from './control.ts';

/** Milliseconds. Session locks linger for a second or two after a power-off; a stranger's command takes longer. */
const BUSY = { first: 100, longest: 2_000, patience: 60_000 };
/** Milliseconds for what is undone, whatever has been aborted. */
export const UNDO_MS = 60_000;

export class Commands {
  readonly control: VmControl;
  readonly #limit: ReturnType<typeof pLimit>;

  constructor(control: VmControl) {
    this.control = control;
    this.#limit = pLimit(control.commandsAtOnce);
  }

  /**
   * Runs a verb; while it fails because the engine is busy, again, with growing pauses in which others have their turn.
   * @throws what the verb throws: busy too, when it stays so for a minute.
   */
  async run<T>(signal: AbortSignal, verb: () => Promise<T>): Promise<T> {
    const end = performance.now() + BUSY.patience;
    for (let pause = BUSY.first; ; pause = Math.min(pause * 2, BUSY.longest)) {
      try {
        return await this.#inTurn(signal, verb);
      } catch (error) {
        signal.throwIfAborted();
        if (!this.control.isBusy(error) || performance.now() > end) throw error;
        const { message } = toVmtestError(error);
        await sleep(pause, signal, `${this.control.engine}, which was busy (${message})`);
      }
    }
  }

  /** The same for what must be tried whatever has been aborted. Milliseconds. */
  async atLast<T>(ms: number, what: string, verb: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const link = linkSignal(new AbortController().signal, { ms, what });
    try {
      return await this.run(link.signal, () => verb(link.signal));
    } finally {
      link.unlink();
    }
  }

  /** Whose signal aborts leaves the queue; what has begun comes to its own end. */
  #inTurn<T>(signal: AbortSignal, verb: () => Promise<T>): Promise<T> {
    const { engine, commandsAtOnce } = this.control;
    const waited = waitsFor(
      signal,
      `its turn with a command (${engine} is given ${commandsAtOnce} at a time)`,
    );
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        waited();
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      const begin = () => {
        signal.removeEventListener('abort', leave);
        waited();
        signal.throwIfAborted();
        return verb();
      };
      this.#limit(begin).then(resolve, reject);
    });
  }
}
