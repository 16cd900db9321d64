import { defineConfig } from 'vitest/config';

/** What real PostgreSQL, Redis and Azurite need. */
const withServices = {
  globalSetup: ['testing/global-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  maxWorkers: 2,
};

const ignored = ['**/node_modules/**', '.next/**', '.data/**', '.test/**', 'e2e/**'];

/**
 * `unit` is pure and needs nothing. `integration` runs against PostgreSQL, Redis and Azurite, which the global set-up
 * starts once; `full` too, with what takes long. All take their random seed from the commit (testing/seed.ts).
 */
export default defineConfig({
  test: {
    setupFiles: ['testing/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // For randomized tests on a busy machine. Nothing here waits for anything.
          testTimeout: 60_000,
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...ignored, '**/*.integration.test.ts', '**/*.full.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: ignored,
          ...withServices,
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['**/*.full.test.ts'],
          exclude: ignored,
          ...withServices,
          testTimeout: 1_800_000,
        },
      },
    ],
  },
});
