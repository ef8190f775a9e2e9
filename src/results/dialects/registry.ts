/** The table of dialects. A further one is a name in `dialect.ts`, a line here and a reader beside the others. */
import { ctrf } from './ctrf/dialect.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { goTest } from './go-test/dialect.ts';
import { junit } from './junit/dialect.ts';
import { nunit } from './nunit/dialect.ts';
import { tap } from './tap/dialect.ts';
import { trx } from './trx/dialect.ts';
import { xunit } from './xunit/dialect.ts';

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  junit,
  tap,
  'go-test': goTest,
  trx,
  nunit,
  xunit,
  ctrf,
};

/** The dialect whose first sign comes earliest; undefined when there is none of any. */
export function detectDialect(head: string): Dialect | undefined {
  let first: Dialect | undefined;
  let earliest = Number.POSITIVE_INFINITY;
  for (const dialect of Object.values(DIALECTS)) {
    const at = dialect.find(head);
    if (at === -1 || at >= earliest) continue;
    first = dialect;
    earliest = at;
  }
  return first;
}
