import type { Dialect } from '../dialect.ts';

export const trx: Dialect = {
  name: 'trx',
  title: 'TRX',
  find: (head) => head.search(/<TestRun[\s/>]/),
  load: async () => (await import('./read-trx.ts')).readTrx,
};
