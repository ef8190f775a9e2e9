/**
 * The one owner of Ctrl-C. The first signal winds the run down; the second ends the process at once, and leaves what is
 * still there to `vmtest clean`. CI runners send SIGTERM some seconds before they kill.
 */
import { VmtestError } from '../host/errors.ts';
import { EXIT } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  signal: AbortSignal;
  /** Gives the signals back to the system. */
  dispose(): void;
}

export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      process.stderr.write('vmtest: stopped at once; `vmtest clean` takes away what is left\n');
      process.exit(EXIT.interrupted);
    }
    controller.abort(new VmtestError('INTERRUPTED', `interrupted by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
