import { defineConfig } from 'vitest/config';

/** Unit tests never boot a machine; the others do, two files at a time: a guest often waits for a disk, a timer or the network. */
export default defineConfig({
  test: {
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
          testTimeout: 300_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
