/**
 * Real pipes for guestcontrol. It hands a guest's output on to files, pipes and terminals only, and what Node gives its
 * children is a socket: on Linux and macOS it warns (`Error getting stdout handle: VERR_NOT_IMPLEMENTED`) and the output is
 * lost. Windows has pipes.
 */
import type { Argv } from '../../src/host/exec.ts';

/**
 * The shell becomes the program, so that signals and the exit code are the program's own. It opens all ends itself, each for
 * both ways first, so that no open has to wait for another: whenever it is killed, no `cat` is left that waits for ever.
 */
const SCRIPT = `d=$(mktemp -d "$1/pipes.XXXXXX") && mkfifo "$d/out" "$d/err" || exit 70
shift
exec 3<>"$d/out" 4<>"$d/err" 5<"$d/out" 6<"$d/err" 7>"$d/out" 8>"$d/err" 3>&- 4>&-
rm -rf "$d"
cat <&5 5<&- 6<&- 7>&- 8>&- & cat <&6 >&2 5<&- 6<&- 7>&- 8>&- &
exec >&7 2>&8 5<&- 6<&- 7>&- 8>&-
exec "$@"`;

/** @param folder where the pipes have names for a moment; what a kill leaves of them goes with it. */
export function withPipes(argv: Argv, folder: string, platform = process.platform): Argv {
  return platform === 'win32' ? argv : ['/bin/sh', '-c', SCRIPT, 'sh', folder, ...argv];
}
