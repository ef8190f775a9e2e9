/** A host on which engine commands go wrong while a test says so: truly run, as another command that does just that. */
import type { Argv } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';

/**
 * `missing`: the program is not there. `failing`: it says `OUCH` on stderr and exits with 9. `hanging`: it says nothing and
 * does not end.
 */
export type Trouble = 'missing' | 'failing' | 'hanging';

/** In what a failing command says. */
export const OUCH = 'no space left on the moon';

export interface FaultyHost extends Host {
  /** In force for every command from the `from`-th on, counted from now. Default: at once. */
  begin(trouble: Trouble, from?: number): void;
  /** @returns how many commands there were since `begin`, or since the host was made. */
  end(): number;
}

export function faultyHost(host: Host): FaultyHost {
  let trouble: Trouble | undefined;
  let from = 0;
  let commands = 0;
  const bent = (argv: Argv): Argv => {
    commands += 1;
    return trouble && commands > from ? instead(trouble, argv) : argv;
  };
  return {
    ...host,
    exec: (argv, options) => host.exec(bent(argv), options),
    spawn: (argv, options) => host.spawn(bent(argv), options),
    begin: (next, first = 0) => {
      trouble = next;
      from = first;
      commands = 0;
    },
    end: () => {
      trouble = undefined;
      return commands;
    },
  };
}

function instead(trouble: Trouble, [file]: Argv): Argv {
  if (trouble === 'missing') return [`/nowhere/${file.replace(/^.*[/\\]/, '')}`];
  if (trouble === 'failing') return ['sh', '-c', `echo "${OUCH}" >&2; exit 9`];
  return ['sleep', '600'];
}
