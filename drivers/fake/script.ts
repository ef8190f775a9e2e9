/** What the matrix file lets happen to one attempt at one cell. Deterministic: chance comes from the seed. */
import { createHash } from 'node:crypto';
import picomatch from 'picomatch';
import { sleep } from '../../src/host/deadline.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { FakeOptions } from './schema.ts';

export type FakePhase = keyof NonNullable<FakeOptions['latency']>;

export interface Failure {
  cells?: string;
  times?: number;
  probability?: number;
  how?: 'error' | 'hang' | 'die';
  code?: string;
  retryable?: boolean;
  'exit-code'?: number;
}

export class Script {
  readonly options: FakeOptions;
  readonly #cell: string;
  readonly #attempt: number;

  constructor(options: FakeOptions, cell: string, attempt: number) {
    this.options = options;
    this.#cell = cell;
    this.#attempt = attempt;
  }

  /**
   * Takes the phase's time, then fails if it is to fail.
   * @param die what `how: die` does; without it, dying is an error like others.
   * @returns the exit code that a command is to end with, if one is given for it.
   */
  async play(phase: FakePhase, signal: AbortSignal, die?: () => void): Promise<number | undefined> {
    const ms = this.#latency(phase);
    if (ms > 0) await sleep(ms, signal);
    signal.throwIfAborted();
    const failure = this.failure(phase);
    if (!failure) return undefined;
    if (failure['exit-code'] !== undefined) return failure['exit-code'];
    if (failure.how === 'die') die?.();
    if (failure.how === 'hang' || (failure.how === 'die' && die)) await untilAborted(signal);
    throw new VmtestError(failure.code ?? 'FAKE_FAILURE', `phase ${phase} was made to fail`, {
      hint: 'The matrix file asks for it under `fail`.',
      retryable: failure.retryable ?? true,
    });
  }

  /** The failure that strikes in a phase, if one does. */
  failure(phase: FakePhase): Failure | undefined {
    const failure = this.options.fail?.[phase] as Failure | undefined;
    if (!failure) return undefined;
    if (failure.cells !== undefined && !isMatch(this.#cell, failure.cells)) return undefined;
    if (failure.times !== undefined && this.#attempt > failure.times) return undefined;
    return this.#chance(`fail ${phase}`) < (failure.probability ?? 1) ? failure : undefined;
  }

  #latency(phase: FakePhase): number {
    const text = this.options.latency?.[phase];
    if (text === undefined) return 0;
    const [from = 0, to = from] = text.split('..').map(milliseconds);
    return from + (to - from) * this.#chance(`latency ${phase}`);
  }

  #chance(what: string): number {
    const text = JSON.stringify([this.options.seed ?? 1, this.#cell, this.#attempt, what]);
    return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
  }
}

/** picomatch 4.0.7 never returns from a pattern that ends in three backslashes: such a one is no glob. */
function isMatch(cell: string, pattern: string): boolean {
  return pattern.endsWith('\\') ? cell === pattern : picomatch.isMatch(cell, pattern);
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The loader has checked the form already; options reach a driver as they were written. */
function milliseconds(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
