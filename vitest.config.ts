import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** vitest begins with the largest files. These are small, and take the longest: last, they would keep one of two workers waiting. */
const LONGEST = /test\/(contract|fault\/kill-points)\//;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/**
 * Unit tests never boot a machine; the others do, four files at a time on two cores: a guest often waits for a disk, a timer or
 * the network, and three files left a third of the processors idle (36 minutes for all, against 31; each file takes a tenth longer).
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/fault/*.test.ts'],
          // To find what hangs; a loaded host may be ten times as slow as an idle one.
          testTimeout: 60_000,
          // On two cores vitest would take one.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'guests',
          include: ['test/{contract,engine,e2e}/**/*.test.ts', 'test/fault/*/**/*.test.ts'],
          globalSetup: ['test/support/guests.setup.ts'],
          // To find what hangs, as above: more than any one wait of a test, so that the wait is told by its name.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
