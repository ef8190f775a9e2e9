/**
 * Real pipes for guestcontrol. It hands a guest's output on to files, pipes and terminals only, and what Node gives its
 * children is a socket: on Linux and macOS it warns (`Error getting stdout handle: VERR_NOT_IMPLEMENTED`) and the output is
 * lost. Windows has pipes.
 */
import type { Argv } from '../../src/host/exec.ts';

/** The shell becomes the program, so that signals and the exit code are the program's own. */
const SCRIPT = `d=$(mktemp -d) && mkfifo "$d/out" "$d/err" || exit 70
cat <"$d/out" & cat <"$d/err" >&2 &
exec >"$d/out" 2>"$d/err"
rm -rf "$d"
exec "$@"`;

export function withPipes(argv: Argv, platform = process.platform): Argv {
  return platform === 'win32' ? argv : ['/bin/sh', '-c', SCRIPT, 'sh', ...argv];
}
