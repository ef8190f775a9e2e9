/** Looks for words in long texts, without regard to case. */

/** @returns where they begin; at most so many. */
export function findAll(text: string, wanted: string, most = 2_000): number[] {
  const found: number[] = [];
  if (wanted === '') return found;
  // Lower case may change lengths in some scripts; then places would be wrong, so case counts there.
  const lower = text.toLowerCase();
  const [where, what] = lower.length === text.length ? [lower, wanted.toLowerCase()] : [text, wanted];
  for (
    let at = where.indexOf(what);
    at !== -1 && found.length < most;
    at = where.indexOf(what, at + what.length)
  ) {
    found.push(at);
  }
  return found;
}
