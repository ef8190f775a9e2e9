/** What `prlctl snapshot-list --json` says: an object by id, which is empty output when there is none. */
import type { VmSnapshot } from '../vm/control.ts';
import { parseJson } from './json.ts';

interface Entry {
  name: string;
  date: string;
  state: string;
  parent: string;
}

export function parseSnapshots(output: string): VmSnapshot[] {
  const answer = parseJson(output, 'prlctl snapshot-list');
  const entries = new Map<string, Entry>();
  for (const [id, value] of Object.entries(answer ?? {})) {
    const { name, date, state, parent } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
    entries.set(id, { name: text(name), date: text(date), state: text(state), parent: text(parent) });
  }
  return [...entries].map(([id, { name, date, state }]) => ({
    id,
    name,
    path: pathOf(id, entries),
    // `poweron` was taken of a running VM and `suspend` of a suspended one: both hold its memory.
    live: state !== 'poweroff',
    stamp: `${id} ${date}`,
  }));
}

/** Names from the root down to it. A parent that is not listed, or was met before, ends the way. */
function pathOf(id: string, entries: ReadonlyMap<string, Entry>): string {
  const names: string[] = [];
  const seen = new Set<string>();
  for (let at = id; entries.has(at) && !seen.has(at); at = entries.get(at)?.parent ?? '') {
    seen.add(at);
    names.unshift(entries.get(at)?.name ?? '');
  }
  return names.join('/');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
