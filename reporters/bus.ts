/** Hands events to reporters, each on its own: one that breaks takes neither the run nor the others with it. */
import { toVmtestError } from '../src/host/errors.ts';
import type { RunEvent } from '../src/results/events.ts';
import type { Reporter } from './reporter.ts';

export interface NamedReporter {
  name: string;
  reporter: Reporter;
}

export interface ReporterBus {
  /** Never throws. */
  emit(event: RunEvent): void;
  /** Lets every reporter write what is left. Answers whether all of them did their work to the end. Never rejects. */
  finish(): Promise<boolean>;
}

/** @param complain told once of each reporter that breaks, when it does. */
export function createBus(
  reporters: readonly NamedReporter[],
  complain: (name: string, error: Error) => void,
): ReporterBus {
  const broken = new Set<NamedReporter>();
  const switchOff = (entry: NamedReporter, thrown: unknown): void => {
    if (broken.has(entry)) return;
    broken.add(entry);
    complain(entry.name, toVmtestError(thrown));
  };
  const guarded = (entry: NamedReporter, call: () => unknown): void => {
    if (broken.has(entry)) return;
    try {
      // A hook should not be async, but one that is may still fail.
      const answer = call();
      if (answer instanceof Promise) answer.catch((error: unknown) => switchOff(entry, error));
    } catch (error) {
      switchOff(entry, error);
    }
  };
  return {
    emit(event) {
      for (const entry of reporters) guarded(entry, () => entry.reporter.onEvent?.(event));
    },
    async finish() {
      for (const entry of reporters) {
        if (broken.has(entry)) continue;
        try {
          await entry.reporter.finish?.();
        } catch (error) {
          switchOff(entry, error);
        }
      }
      return broken.size === 0;
    },
  };
}
