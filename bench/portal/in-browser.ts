/** What a browser gets of a page, and when: its scripts, and the paints that people wait for. In headless Chromium. */
import { gzipSync } from 'node:zlib';
import { type Browser, chromium as playwright } from '@playwright/test';
import { chromium } from '../../scripts/services/chromium.ts';
import type { PageOfPortal } from './server-time.ts';
import type { Portal } from './site.ts';

export interface Vitals {
  /** milliseconds until the largest text or picture was painted */
  readonly lcp: number;
  /** how much of the page moved by itself, without a unit */
  readonly cls: number;
  /** milliseconds by which tasks exceeded 50 ms after the first paint */
  readonly tbt: number;
}

const SETTLED_MS = 3_000;

/**
 * KB of all scripts that the page's HTML names, each compressed with gzip. Those for browsers that know no modules are left
 * out: no browser fetches them that this portal runs in.
 */
export async function scriptKb(portal: Portal, path: string): Promise<number> {
  const html = await (await fetch(portal.base + path, { headers: { cookie: portal.cookie } })).text();
  const tags = [...html.matchAll(/<script[^>]+src="([^"]+)"[^>]*>/g)].filter(([tag]) => !/\bnomodule\b/i.test(tag));
  const named = new Set(tags.map(([, src]) => src ?? ''));
  let bytes = 0;
  for (const src of named) {
    const answer = await fetch(new URL(src, portal.base));
    bytes += gzipSync(Buffer.from(await answer.arrayBuffer())).byteLength;
  }
  return bytes / 1_024;
}

/** Each page in a browser that has nothing of it yet. */
export async function vitals(portal: Portal, pages: readonly PageOfPortal[]): Promise<Record<string, Vitals>> {
  const browser = await playwright.launch({
    executablePath: chromium(),
    chromiumSandbox: process.getuid?.() !== 0,
  });
  try {
    const measured: Record<string, Vitals> = {};
    for (const page of pages) measured[page.name] = await vitalsOf(browser, portal, page);
    return measured;
  } finally {
    await browser.close();
  }
}

declare global {
  interface Window {
    seen?: { lcp: number; cls: number; painted: number; tasks: { start: number; duration: number }[] };
  }
}

async function vitalsOf(browser: Browser, portal: Portal, { path }: PageOfPortal): Promise<Vitals> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'UTC' });
  const [name = '', value = ''] = portal.cookie.split(/=(.*)/s);
  await context.addCookies([{ name, value, url: portal.base }]);
  const page = await context.newPage();
  await page.addInitScript(observe);
  await page.goto(portal.base + path(portal), { waitUntil: 'load' });
  await page.waitForTimeout(SETTLED_MS);
  const seen = await page.evaluate(() => window.seen);
  await context.close();
  if (seen === undefined) throw new Error('The page was not observed');
  const long = seen.tasks.filter(({ start }) => start >= seen.painted);
  return { lcp: seen.lcp, cls: seen.cls, tbt: long.reduce((sum, { duration }) => sum + duration - 50, 0) };
}

/** Runs in the page, before anything of its own. */
function observe(): void {
  const seen = { lcp: 0, cls: 0, painted: 0, tasks: [] as { start: number; duration: number }[] };
  window.seen = seen;
  const each = (type: string, take: (entry: PerformanceEntry) => void): void =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  each('largest-contentful-paint', ({ startTime }) => {
    seen.lcp = startTime;
  });
  each('paint', ({ name, startTime }) => {
    if (name === 'first-contentful-paint') seen.painted = startTime;
  });
  each('layout-shift', (entry) => {
    const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (!hadRecentInput) seen.cls += value;
  });
  each('longtask', ({ startTime, duration }) => seen.tasks.push({ start: startTime, duration }));
}
