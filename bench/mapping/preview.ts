/** How long the browser's main thread is blocked while a file is previewed: the real page, in Chromium. */
import { join } from 'node:path';
import { type Browser, type CDPSession, type Page, chromium as playwright } from '@playwright/test';
import { z } from 'zod';
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
/** On a machine that does other things, too. */
const PATIENCE_MS = 300_000;

export interface Blocks {
  readonly seconds: number;
  /** longest time between two beats that are due every 5 ms, less these */
  readonly longestMs: number;
  /** tasks of more than 50 ms, as the browser counts them */
  readonly longTasks: number;
  /** processor time of the longest task: what is left of it where nothing else takes the processor away */
  readonly longestCpuMs: number;
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
    page.setDefaultTimeout(PATIENCE_MS);
    await toMappingStep(page);
    const cdp = await context.newCDPSession(page);
    await page.waitForTimeout(IDLE_MS);
    const idle = await during(page, cdp, () => page.waitForTimeout(IDLE_MS));
    const checked = await during(page, cdp, async () => {
      await page.locator('input[type=file]').setInputFiles(file);
      await page.getByText(/rows have errors\./).waitFor();
      await page.getByRole('table', { name: 'Rows with errors' }).getByRole('row').nth(100).waitFor();
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

async function toMappingStep(page: Page): Promise<void> {
  const { grace, account } = ALDER_BYRNE;
  const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await page.goto(`/data-connectors/${KINDS.verizon.slug}`);
  await page.getByLabel('Work e-mail').fill(grace.address);
  await click('Sign in with Microsoft');
  await page.getByLabel('Use another account').fill(grace.address);
  await click('Sign in');
  await click('Add connector');
  await click('Accept');
  await page.getByRole('textbox', { name: 'Username' }).fill(account.username);
  await page.getByRole('textbox', { name: 'Password' }).fill(account.password);
  await click('Next');
  await click('Close');
  await click('Next');
  await page.getByRole('heading', { name: 'User mapping', level: 1 }).waitFor();
}

async function during(page: Page, cdp: CDPSession, work: () => Promise<void>): Promise<Blocks> {
  await page.evaluate(() => {
    window.blocks = { longest: 0, tasks: 0 };
  });
  const longestTask = await traceTasks(cdp);
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1_000;
  const { longest, tasks } = (await page.evaluate(() => window.blocks)) ?? { longest: Number.NaN, tasks: Number.NaN };
  return { seconds, longestMs: longest, longTasks: tasks, longestCpuMs: await longestTask() };
}

const eventSchema = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  /** microseconds of processor time */
  tdur: z.number().optional(),
  args: z.object({ name: z.string().optional() }).loose().optional(),
});

/** Records the tasks of the page's main thread. @returns what ends that and gives the longest, ms of processor time */
async function traceTasks(cdp: CDPSession): Promise<() => Promise<number>> {
  const events: z.infer<typeof eventSchema>[] = [];
  const take = ({ value }: { value: unknown[] }): void => {
    for (const one of value) {
      const event = eventSchema.safeParse(one);
      if (event.success) events.push(event.data);
    }
  };
  cdp.on('Tracing.dataCollected', take);
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', 'toplevel'] },
  });
  return async () => {
    const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve));
    await cdp.send('Tracing.end');
    await complete;
    cdp.off('Tracing.dataCollected', take);
    const threads = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
    const isMain = (event: { pid: number; tid: number }) =>
      threads.some(({ pid, tid }) => pid === event.pid && tid === event.tid);
    const tasks = events.filter((event) => event.tdur !== undefined && event.name.endsWith('RunTask') && isMain(event));
    return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1_000));
  };
}
