import { defineConfig, devices } from '@playwright/test';

/**
 * `npm run test:browser` starts the installation and sets the variables (scripts/test/browser.ts). To run tests against
 * one that is already there: E2E_PORTAL_URL=http://localhost:3000 E2E_SANDBOX_URL=http://localhost:4000 npx playwright test
 */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '.test/playwright',
  forbidOnly: true,
  // One after the other: they share one installation, and two cores.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? '.test/browser.json' }]],
  use: {
    baseURL: process.env.E2E_PORTAL_URL ?? 'http://localhost:3000',
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.E2E_CHROMIUM ?? '/usr/bin/chromium',
      // Chromium's own sandbox does not work for root, as which containers run.
      chromiumSandbox: process.getuid?.() !== 0,
    },
  },
  projects: [{ name: 'chromium', use: { ...devices['Desktop Chrome'], viewport: { width: 1440, height: 900 } } }],
});
