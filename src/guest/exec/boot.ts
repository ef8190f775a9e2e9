/** How a script gets to the interpreter that runs it, over a way in that may tell no exit codes: marks stand where it begins and ends. */
import { AGENT_ITSELF, type Identity } from '../agent/identity.ts';
import { quotePosix } from '../shell/quote.ts';
import { bootCommand, shBoot } from '../ssh/boot.ts';

export interface ExecBoot {
  /** A longer script is put into a file in the guest first. In characters. */
  readonly mostInline: number;
  /**
   * The script as it comes on stdin.
   * @param end printed on both outputs when the script has ended, with its exit code: `<mark>3;`. Neither tells how much of the
   * other is still on its way.
   */
  wrap(script: string, end: string): string;
  /** The command line for a wrapped script, which ends with a line break. @param begin printed on stdout before it runs. */
  command(wrapped: string, begin: string, end: string): string;
}

/** For POSIX guests. */
export function shExecBoot(identity: Identity = AGENT_ITSELF): ExecBoot {
  return {
    mostInline: shBoot.mostInline,
    wrap: (script, end) => {
      const mark = `printf %s:%s\\; ${end.slice(0, -1)} $e`;
      return `${identity.argv(script).map(quotePosix).join(' ')}\ne=$?\n${mark}\n${mark} >&2`;
    },
    command: bootCommand,
  };
}
