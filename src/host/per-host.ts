/** What was found out about a host and stays true while the process lives. */
import type { Host } from './host.ts';

/** One value a host. Two objects are the same host when they share its folders: one may be the other with its commands told. */
export class PerHost<T> {
  readonly #values = new WeakMap<Host['paths'], T>();

  get({ paths }: Pick<Host, 'paths'>): T | undefined {
    return this.#values.get(paths);
  }

  set({ paths }: Pick<Host, 'paths'>, value: T): void {
    this.#values.set(paths, value);
  }
}
