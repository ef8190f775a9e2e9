/** What work under a signal waits for at present, so that the deadline that ends it can name it. */

/** Of each signal, those above it: who waits under one waits under all of them. */
const parents = new WeakMap<AbortSignal, AbortSignal>();
const waits = new WeakMap<AbortSignal, Set<{ what: string }>>();

/** Says that what is waited for under `signal` is waited for under `parent` too. */
export function isPartOf(signal: AbortSignal, parent: AbortSignal): void {
  parents.set(signal, parent);
}

/**
 * Notes a wait. @param what as it reads in "it waited for the answer of QEMU".
 * @returns what is to be called at its end.
 */
export function waitsFor(signal: AbortSignal | undefined, what: string): () => void {
  const wait = { what };
  const noted: Set<typeof wait>[] = [];
  for (let each = signal; each; each = parents.get(each)) {
    const those = waits.get(each) ?? new Set();
    waits.set(each, those.add(wait));
    noted.push(those);
  }
  return () => {
    for (const those of noted) those.delete(wait);
  };
}

/** Names in a message. */
const MOST = 4;

/** What is waited for under a signal, the innermost last; of many, those that began last. */
export function waitedFor(signal: AbortSignal): string[] {
  const latest = [...(waits.get(signal) ?? [])].slice(-MOST);
  // A `what` that stands before a verb may end in a comma.
  return latest.map(({ what }) => what.replace(/,$/, ''));
}
