import type { Child } from '../../src/host/exec.ts';

/** Milliseconds, less than what a phase leaves for tidying up. */
const KILL_AFTER = 2_000;

/** Ends a program with all that it has started: TERM, then KILL for what is still there. Resolves at once. */
export function endGroup(child: Child): void {
  child.kill('SIGTERM', true);
  setTimeout(() => child.kill('SIGKILL', true), KILL_AFTER);
}
