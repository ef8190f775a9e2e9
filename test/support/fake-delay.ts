/** `node:timers/promises` on the timers of the day, which may be fake ones. */

async function delay<T>(ms: number, value: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    const cut = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', cut, { once: true });
    function done(): void {
      signal?.removeEventListener('abort', cut);
      resolve(value);
    }
  });
}

export { delay as setTimeout };
