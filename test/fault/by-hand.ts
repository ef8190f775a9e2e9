/** What the campaigns that are run by hand have in common. */

/** Aborts at Ctrl-C, so that a campaign ends after its present trial, with the table of what was done. */
export function onInterrupt(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  return stop.signal;
}

interface Judged {
  leaks: readonly string[];
  lies: readonly string[];
  hung: boolean;
}

/** 1 when anything was left, wrong or hung. */
export function exitCodeFor(done: readonly { result: Judged }[]): number {
  const isWrong = done.some(({ result: { leaks, lies, hung } }) => hung || leaks.length + lies.length > 0);
  return isWrong ? 1 : 0;
}
