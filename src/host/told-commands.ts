/** A host that tells of every command that it runs. */
import { toVmtestError } from './errors.ts';
import type { ToldCommand } from './exec.ts';
import type { Host } from './host.ts';

/** The same host otherwise. What listens must not throw. */
export function tellingCommands(host: Host, tell: (command: ToldCommand) => void): Host {
  return {
    ...host,
    exec: async (argv, options = {}) => {
      const started = new Date();
      const from = performance.now();
      const told = (rest: Pick<ToldCommand, 'result' | 'error'>) =>
        tell({ argv: options.shown ?? argv, started, ms: performance.now() - from, ...rest });
      try {
        const result = await host.exec(argv, options);
        told({ result });
        return result;
      } catch (error) {
        told({ error: codeOf(error) });
        throw error;
      }
    },
    spawn: async (argv, options) => {
      const started = new Date();
      try {
        const child = await host.spawn(argv, options);
        tell({ argv, started });
        return child;
      } catch (error) {
        tell({ argv, started, error: codeOf(error) });
        throw error;
      }
    },
  };
}

/** A message would show the command once more, and not as `shown` has it. */
function codeOf(error: unknown): string {
  return toVmtestError(error).code;
}
