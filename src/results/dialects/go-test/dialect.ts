import type { Dialect } from '../dialect.ts';

/** An event may follow lines of plain output, of a build or of a script around it. */
const EVENT =
  /^\ufeff?\{(?=[^\n]*"Action"\s?:\s?"(?:start|run|pause|cont|pass|bench|fail|output|skip|build-output|build-fail|attr|artifacts)")[^\n]*"(?:Package|Test|ImportPath)"\s?:/m;

export const goTest: Dialect = {
  name: 'go-test',
  title: 'go test -json',
  find: (head) => head.search(EVENT),
  load: async () => (await import('./read-go-test.ts')).readGoTest,
};
