import type { Dialect } from '../dialect.ts';

export const junit: Dialect = {
  name: 'junit',
  title: 'JUnit XML',
  find: (head) => head.search(/<(?:testsuites?|testrun|testcase)[\s/>]/),
  load: async () => (await import('./read-junit.ts')).readJUnit,
};
