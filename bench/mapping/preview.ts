/** How long the browser's main thread is blocked while a file is previewed: the real page, in Chromium. */
import { join } from 'node:path';
import { type Browser, expect, type Page, chromium as playwright } from '@playwright/test';
import { signIn } from '../../e2e/pages/sign-in.ts';
import { Wizard } from '../../e2e/pages/wizard.ts';
import { ALDER_BYRNE, KINDS } from '../../e2e/world.ts';
import { buildPortal } from '../../scripts/build.ts';
import { chromium } from '../../scripts/services/chromium.ts';
import { installation } from '../../scripts/services/installation.ts';
import { place } from '../../scripts/services/place.ts';
import { freePorts } from '../../scripts/services/ports.ts';
import { newSecrets } from '../../scripts/services/secrets.ts';

/** As the browser stage of the tests: one build serves both. */
const BUILD = '.test/next';
const BEAT_MS = 5;
const IDLE_MS = 5_000;

export interface Blocks {
  readonly seconds: number;
  /** longest time between two beats that are due every 5 ms, less these */
  readonly longestMs: number;
  /** tasks of more than 50 ms, as the browser counts them */
  readonly longTasks: number;
}

export interface Preview {
  /** the page with nothing to do: what the machine takes of its own */
  readonly idle: Blocks;
  readonly checked: Blocks;
}

/** @param file has wrong rows, so that the page stops at them and shows a hundred */
export async function measurePreview(folder: string, file: string): Promise<Preview> {
  const executablePath = chromium();
  await buildPortal(BUILD);
  const installed = installation({
    place: place(join(folder, 'installation')),
    ports: await freePorts(),
    secrets: newSecrets(),
    volatile: true,
    distDir: BUILD,
  });
  let browser: Browser | undefined;
  try {
    await installed.start({ begin: () => {}, done: () => {} });
    browser = await playwright.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
    const context = await browser.newContext({
      baseURL: installed.addresses.portal,
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    await page.addInitScript(watch, BEAT_MS);
    const wizard = new Wizard(page, KINDS.verizon);
    await signIn(page, ALDER_BYRNE.grace);
    await wizard.begin();
    await wizard.acceptTerms();
    await wizard.login(ALDER_BYRNE.account);
    await page.waitForTimeout(IDLE_MS);
    const idle = await during(page, () => page.waitForTimeout(IDLE_MS));
    const checked = await during(page, async () => {
      await page.locator('input[type=file]').setInputFiles(file);
      await expect(page.getByText(/rows have errors\./)).toBeVisible({ timeout: 300_000 });
      await expect(page.getByRole('table', { name: 'Rows with errors' }).getByRole('row')).toHaveCount(101);
    });
    return { idle, checked };
  } finally {
    await browser?.close();
    await installed.stop();
  }
}

declare global {
  interface Window {
    blocks?: { longest: number; tasks: number };
  }
}

/** Runs in the page, before anything of its own. */
function watch(beat: number): void {
  window.blocks = { longest: 0, tasks: 0 };
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (window.blocks) window.blocks.longest = Math.max(window.blocks.longest, now - last - beat);
    last = now;
  }, beat);
  new PerformanceObserver((list) => {
    if (window.blocks) window.blocks.tasks += list.getEntries().length;
  }).observe({ entryTypes: ['longtask'] });
}

async function during(page: Page, work: () => Promise<void>): Promise<Blocks> {
  await page.evaluate(() => {
    window.blocks = { longest: 0, tasks: 0 };
  });
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1_000;
  const { longest, tasks } = (await page.evaluate(() => window.blocks)) ?? { longest: Number.NaN, tasks: Number.NaN };
  return { seconds, longestMs: longest, longTasks: tasks };
}
