/** CTRF, the Common Test Report Format: one JSON document. Unknown keys are passed over. */
import { type JsonNode, type JsonScalar, readJson } from '../../json-stream.ts';
import { keepName } from '../../keep-text.ts';
import type { TestSuite } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import type { DialectReader } from '../dialect.ts';
import { nameKey } from '../name-key.ts';
import { takeRoom } from '../room.ts';
import { type CtrfTest, toCase } from './ctrf-case.ts';
import { testNode } from './ctrf-test.ts';

export const readCtrf: DialectReader = async (text, context) => {
  const suites = new Suites(context);
  let declared = 0;
  let present = 0;
  const complete = await readJson(
    text,
    (stop) => {
      const tests: JsonNode = {
        child() {
          const full = takeRoom(context, 'cases');
          if (full) {
            stop(full);
            return undefined;
          }
          present += 1;
          return testNode(context, (test) => {
            const noRoom = suites.add(test);
            if (noRoom) stop(noRoom);
          });
        },
      };
      const summary: JsonNode = {
        value: (key, value) => {
          if (key === 'tests') declared = asCount(value);
        },
      };
      const results: JsonNode = {
        child: (key) => (key === 'tests' ? tests : key === 'summary' ? summary : undefined),
      };
      const root: JsonNode = { child: (key) => (key === 'results' ? results : undefined) };
      return { child: () => root };
    },
    { maxDepth: context.limits.depth, maxString: context.limits.caseOutput, problems: context.problems },
  );
  if (declared > present) {
    context.problems.add(`the file declares ${declared} tests, but has only ${present}`);
  }
  return { suites: suites.list(), complete };
};

/** Tests name their suites; those of one suite need not stand together. */
class Suites {
  readonly #context: ReadContext;
  readonly #byPath = new Map<string, TestSuite>();

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** Answers what to say of the rest when there is no room for another suite. */
  add(test: CtrfTest): string | undefined {
    const path = test.suite.join(' > ');
    const key = nameKey(path, this.#context.limits.name);
    let suite = this.#byPath.get(key);
    if (!suite) {
      const full = takeRoom(this.#context, 'suites');
      if (full) return full;
      suite = { name: keepName(path, this.#context) ?? 'tests', cases: [] };
      this.#byPath.set(key, suite);
    }
    suite.cases.push(toCase(test, this.#context));
    return undefined;
  }

  list(): TestSuite[] {
    return [...this.#byPath.values()];
  }
}

function asCount(value: JsonScalar): number {
  return typeof value === 'number' && value > 0 && value < 1e9 ? Math.floor(value) : 0;
}
