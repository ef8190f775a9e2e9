/** The lists of a comparison while they are filled. */
import type { Changes, ComparedTest, SlowerTest, Times } from './comparison.ts';
import type { TestCase, TestSuite } from './model.ts';

/** What can happen to a thing, but for becoming slower, which has times. */
export type Change = Exclude<keyof Changes<never, never>, 'slower'>;

export interface FoundTest {
  suite: TestSuite;
  testCase: TestCase;
}

/** Tests of many cells, put together where the same is to be told of them. */
export class TestChanges {
  readonly #lists = noChanges<ComparedTest, SlowerTest>();
  readonly #known = new Map<string, ComparedTest>();
  readonly #slower = new Map<string, SlowerTest>();

  /** @param key what tells the test from others of its cell. */
  add(change: Change, key: string, found: FoundTest, cell: string): void {
    const known = this.#known.get(`${change} ${key}`);
    if (known) {
      known.cells.push(cell);
      return;
    }
    const test = named(found, cell);
    this.#known.set(`${change} ${key}`, test);
    this.#lists[change].push(test);
  }

  slower(key: string, found: FoundTest, cell: string, times: Times): void {
    const known = this.#slower.get(key);
    if (!known) {
      const test = { ...named(found, cell), ...times };
      this.#slower.set(key, test);
      this.#lists.slower.push(test);
      return;
    }
    known.cells.push(cell);
    if (times.after - times.before > known.after - known.before) Object.assign(known, times);
  }

  /** The most widespread first. */
  ranked(): Changes<ComparedTest, SlowerTest> {
    const lists: ComparedTest[][] = Object.values(this.#lists);
    for (const list of lists) list.sort((a, b) => b.cells.length - a.cells.length);
    return this.#lists;
  }
}

function named({ suite, testCase: { classname, name } }: FoundTest, cell: string): ComparedTest {
  return { suite: suite.name, ...(classname === undefined ? {} : { classname }), name, cells: [cell] };
}

export function noChanges<Item, SlowerItem>(): Changes<Item, SlowerItem> {
  return {
    newlyFailing: [],
    fixed: [],
    stillFailing: [],
    flaky: [],
    slower: [],
    notRun: [],
    added: [],
    removed: [],
  };
}
