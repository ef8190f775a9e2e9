/** This host as a guest that an engine's exec reaches. */
import type { ExecLink } from '../../src/guest/exec/link.ts';
import { spawn } from '../../src/host/exec.ts';

export interface ShellLinkOptions {
  /** A script for `sh` that runs the command in `$C`. Default: just that. */
  wrapper?: string | undefined;
  program?: string;
  env?: Record<string, string>;
}

export function shellLink({ wrapper = 'exec sh -c "$C"', program = 'sh', env }: ShellLinkOptions): ExecLink {
  return {
    start: async (command) => {
      const child = await spawn([program, '-c', wrapper], { pipes: true, env: { ...env, C: command } });
      if (!child.pipes) throw new Error('pipes were asked for');
      const { stdin, stdout, stderr, exited } = child.pipes;
      return {
        stdin,
        stdout,
        stderr,
        ended: exited.then(({ exitCode, signal }) => `the program ended with ${exitCode ?? signal}`),
        end: () => child.kill('SIGKILL', true),
      };
    },
  };
}
