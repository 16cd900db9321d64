import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '.next/**', '.data/**', '.test/**', 'e2e/**'];

/**
 * Two projects: `unit` is pure and needs nothing; `integration` runs against PostgreSQL, Redis and Azurite, which the
 * global set-up starts once. Both take their random seed from the commit (testing/seed.ts).
 */
export default defineConfig({
  test: {
    setupFiles: ['testing/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
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
          globalSetup: ['testing/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
