import { NOT_RUNNING } from '../dialect.ts';

/**
 * A script that ends the process group of a command: TERM, then KILL after some 1.5 s. The command may still be on its
 * way to writing its pid file. It ends with 0, or with `NOT_RUNNING` when the command is over, or has never begun: what it left
 * in its group is ended all the same. Without a group of its own (no way to make one in that guest) the process alone is ended.
 * Of the ways to write `kill`, busybox knows no `--` and dash no `-s TERM -PID`. A `sleep` of 0.1 s is not POSIX, but known wherever we have looked.
 */
export function killScript(pidFile: string): string {
  return `
nap() { sleep 0.1 2>/dev/null || sleep 1; }
n=0; while [ ! -s ${pidFile} ] && [ $n -lt 5 ]; do n=$((n + 1)); nap; done
[ -s ${pidFile} ] || exit ${NOT_RUNNING}
read -r p <${pidFile}
r=0; kill -0 "$p" 2>/dev/null || r=${NOT_RUNNING}
if kill -0 "-$p" 2>/dev/null; then p="-$p"; fi
kill -TERM "$p" 2>/dev/null
n=0; while kill -0 "$p" 2>/dev/null && [ $n -lt 15 ]; do n=$((n + 1)); nap; done
kill -KILL "$p" 2>/dev/null
exit $r
`;
}
