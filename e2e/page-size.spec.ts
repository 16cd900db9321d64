/** What a browser that has nothing of the portal yet gets of its first pages: how much script, and whether it holds still. */
import { type Browser, expect, type Page, test } from '@playwright/test';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

/**
 * KB of scripts as they are transferred, compressed. The promise is 300; what is asked is close above what is there, so that
 * a library that comes along with an import is noticed when it comes. React and Next are 130 of each.
 */
const MOST_KB = { '/data-connectors': 250, '/data-connectors/connectors': 285 } as const;

/** Of a page, whatever it does. */
const PROMISED_KB = 300;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});

/** KB of all script that the page asks for by itself, also after it answers, by what came over the wire. */
async function transferred(page: Page, path: string): Promise<number> {
  await page.goto(path, { waitUntil: 'load' });
  await hydrated(page);
  const bytes = (): Promise<number> =>
    page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry instanceof PerformanceResourceTiming && /\.js(\?|$)/.test(entry.name))
        .reduce((sum, entry) => sum + (entry instanceof PerformanceResourceTiming ? entry.encodedBodySize : 0), 0),
    );
  let before = 0;
  await expect
    .poll(
      async () => {
        const [last, now] = [before, await bytes()];
        before = now;
        return now > 0 && now === last;
      },
      { intervals: [1_000] },
    )
    .toBe(true);
  return before / 1_024;
}

/** KB of script that this page costs a browser which has nothing of the portal yet. */
async function ofFresh(page: Page, browser: Browser, path: string): Promise<number> {
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const kb = await transferred(await context.newPage(), path);
  await context.close();
  console.log(`${path.replace(/[0-9a-f-]{36}/, '…')}: ${kb.toFixed(1)} KB of script`);
  return kb;
}

for (const [path, most] of Object.entries(MOST_KB)) {
  test(`${path} has at most ${most} KB of script, and nothing on it jumps`, async ({ page, browser }) => {
    await signIn(page, ALDER_BYRNE.grace, path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const context = await browser.newContext({ storageState: await page.context().storageState() });
    const fresh = await context.newPage();
    await fresh.addInitScript(() => {
      document.addEventListener('DOMContentLoaded', () => document.documentElement.setAttribute('data-shift', '0'));
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          if (!('value' in entry) || typeof entry.value !== 'number') continue;
          const before = Number(document.documentElement.getAttribute('data-shift'));
          document.documentElement.setAttribute('data-shift', String(before + entry.value));
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const kb = await transferred(fresh, path);
    console.log(`${path}: ${kb.toFixed(1)} KB of script`);
    expect(kb).toBeLessThanOrEqual(most);
    expect(Number(await fresh.locator('html').getAttribute('data-shift'))).toBeLessThan(0.01);
    await context.close();
  });
}

/** Tabs of a connector. The summary draws charts, whose library is 130 KB and comes behind the page. */
const TABS_KB: Readonly<Record<string, number>> = {
  '': 390,
  '/imports': PROMISED_KB,
  '/not-imported': PROMISED_KB,
  '/mapping': PROMISED_KB,
  '/mapping/upload': PROMISED_KB,
  '/coverage': PROMISED_KB,
  '/settings': 310,
  '/history': PROMISED_KB,
};

test('no page of a connector has more script than it needs', async ({ page, browser }) => {
  await signIn(page, ALDER_BYRNE.grace, '/data-connectors/connectors');
  await page.getByRole('link', { name: SHOWN.name, exact: true }).click();
  await expect(page).toHaveURL(/\/connectors\/[0-9a-f-]{36}$/);
  const base = new URL(page.url()).pathname;
  for (const [tab, most] of Object.entries(TABS_KB))
    expect.soft(await ofFresh(page, browser, `${base}${tab}`), tab).toBeLessThanOrEqual(most);
});

test(`every step of the wizard has at most ${PROMISED_KB} KB of script`, async ({ page, browser }) => {
  const wizard = new Wizard(page, KINDS.o2);
  const isLight = async (step: string): Promise<void> => {
    const path = `/data-connectors/${KINDS.o2.slug}/new/${step}`;
    expect.soft(await ofFresh(page, browser, path), step).toBeLessThanOrEqual(PROMISED_KB);
  };
  await signIn(page, ALDER_BYRNE.grace);
  await wizard.begin();
  await isLight('terms');
  await wizard.acceptTerms();
  await isLight('login');
  await wizard.login(ALDER_BYRNE.account);
  await isLight('mapping');
  await wizard.keepAutomaticMapping();
  await isLight('consent');
  await page.getByRole('link', { name: 'Save and close' }).click();
  await wizard.discard();
});
