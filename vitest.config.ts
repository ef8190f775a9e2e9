import { defineConfig } from 'vitest/config';

/** Unit tests never boot a machine; the others do, so they run one file at a time on a small host. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      {
        test: {
          name: 'guests',
          include: ['test/{contract,engine,e2e}/**/*.test.ts'],
          globalSetup: ['test/support/guests.setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
