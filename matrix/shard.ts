/** A run cut into parts for several hosts. */
import { VmtestError } from '../src/host/errors.ts';

export interface Shard {
  /** From 1 to `count`. */
  index: number;
  count: number;
}

/**
 * `2/3` → the second of three.
 * @throws VmtestError `SHARD_INVALID` for anything else.
 */
export function parseShard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= count) return { index, count };
  throw new VmtestError('SHARD_INVALID', `\`${text}\` is not a shard`, {
    hint: '`1/3`, `2/3` and `3/3` are the three parts of a run',
  });
}

/**
 * One of `count` runs of neighbours, whose lengths differ by one at most. Neighbours, since cells of one target stand
 * together when `target` is the slowest axis: so each host prepares few targets. Together the shards are the whole.
 */
export function takeShard<Item>(items: readonly Item[], { index, count }: Shard): Item[] {
  const start = Math.floor((items.length * (index - 1)) / count);
  const end = Math.floor((items.length * index) / count);
  return items.slice(start, end);
}
