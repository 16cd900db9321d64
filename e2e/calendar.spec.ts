/** The import calendar and the charts of a connector's summary: by keyboard, as tables, at 320 px, and while an import runs. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import pg from 'pg';
import { removeConnectors, seedManyConnectors } from '#lib/connectors/rows.fixture.ts';
import { isAccessible, isPictured } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { breakImports, removeEarlierDays, seedEarlierDays } from './pages/earlier-days.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { signIn } from './pages/sign-in.ts';
import { clearFaults, slowFeed } from './sandbox.ts';
import { ALDER_BYRNE, KESTREL } from './world.ts';

const { grace, tomasz } = ALDER_BYRNE;
const DAY_MS = 86_400_000;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});
test.afterAll(() => clearFaults());

const dayAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
const region = (page: Page) => page.getByRole('region', { name: 'Import calendar' });
const charts = (page: Page) => page.getByRole('region', { name: 'Charts' });
const grid = (page: Page) => region(page).getByRole('grid');
const cell = (page: Page, day: string): Locator => grid(page).locator(`[data-day="${day}"]`);
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('data-day') ?? null);
/** What a screen reader says of a cell. */
const nameOf = async (one: Locator) => (await one.locator('span').first().textContent()) ?? '';
const listedIn = (words: string): number => Number(/([\d,]+) from source/.exec(words)?.[1]?.replaceAll(',', ''));
const itemsIn = (words: string): number => Number(/([\d,]+) items?/.exec(words)?.[1]?.replaceAll(',', ''));

async function monthsBack(page: Page, day: string): Promise<void> {
  const month = day.slice(0, 7);
  if (month === dayAgo(0).slice(0, 7)) return;
  await region(page).getByRole('button', { name: 'Previous month' }).click();
  await expect(page).toHaveURL(new RegExp(`month=${month}`));
  await expect(cell(page, day)).toBeVisible();
}

test('an import is a day of the calendar: found and opened by keyboard alone, and it has the numbers of its imports', async ({
  page,
}) => {
  const today = dayAgo(0);
  await new ConnectorPages(page).open(tomasz, SHOWN.name);
  // The first import goes back 24 hours: late in the evening nothing of it is yesterday's, early in the morning little today's.
  const todays = await nameOf(cell(page, today));
  await monthsBack(page, dayAgo(1));
  const yesterdays = await nameOf(cell(page, dayAgo(1)));
  const isYesterdays = itemsIn(yesterdays) > itemsIn(todays);
  const [day, name] = isYesterdays ? [dayAgo(1), yesterdays] : [today, todays];
  if (!isYesterdays) {
    await page.goto(new URL(page.url()).pathname);
    await hydrated(page);
  }
  expect(name).toMatch(/, [\d,]+ items?, (Balanced|Not all imported|Open)$/);

  await test.step('one stop for the Tab key, and arrows inside', async () => {
    await expect(grid(page).locator('[tabindex="0"]')).toHaveCount(1);
    await grid(page).locator('[tabindex="0"]').focus();
    await page.keyboard.press('Control+Home');
    await expect.poll(() => focused(page)).toBe(`${day.slice(0, 7)}-01`);
    for (let before = 1; before < Number(day.slice(8)); before++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => focused(page)).toBe(day);
    await page.keyboard.press('Home');
    // The Monday, or where that lies before the connector's days the first of the month.
    const isFirst = async (): Promise<boolean> => {
      const reached = new Date((await focused(page)) ?? '');
      return reached.getUTCDay() === 1 || reached.getUTCDate() === 1;
    };
    await expect.poll(isFirst).toBe(true);
    await cell(page, day).focus();
  });

  await test.step('Enter opens the day, with its numbers and its imports; Escape leads back', async () => {
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`day=${day}`));
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    const numbers = (await dialog.getByRole('region', { name: 'Numbers' }).textContent()) ?? '';
    const listed = Number(/([\d,]+) from source/.exec(numbers)?.[1]?.replaceAll(',', ''));
    const repeats = Number(/([\d,]+) repeats?/.exec(numbers)?.[1]?.replaceAll(',', '') ?? 0);
    expect(listed - repeats).toBe(itemsIn(name));
    const imports = dialog.getByRole('region', { name: 'Imports of this day' });
    await expect(imports.getByRole('listitem').first()).toContainText(/Import \d+: /);
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(page).not.toHaveURL(/day=/);
    await expect.poll(() => focused(page)).toBe(day);
  });

  await test.step('the address alone opens it again, and leads to the table of days', async () => {
    await page.goto(`${new URL(page.url()).pathname}?day=${day}`);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('link', { name: 'Show in the table of days' }).click();
    const rows = page.getByRole('table', { name: 'Days' }).getByRole('row');
    await expect(rows.nth(1)).toContainText(day);
    // The same day is called the same in both.
    await expect(rows.nth(1)).toContainText(name.split(', ').at(-1) ?? '?');
    await new ConnectorPages(page).tab('Summary');
  });

  await test.step('a day that is to come does not open', async () => {
    const later = grid(page).locator('[aria-disabled="true"]');
    if ((await later.count()) === 0) return;
    await later.first().focus();
    await page.keyboard.press('Enter');
    await expect(page).not.toHaveURL(/day=/);
  });

  await test.step('a day that is not over is open, whatever it has', async () => {
    await expect(cell(page, today)).toHaveAttribute('aria-current', 'date');
    await expect(cell(page, today)).toHaveAccessibleName(/, (Open|Not all imported)$/);
  });
});

test('months are turned over by keyboard, and the focus goes with them', async ({ page }) => {
  await seedEarlierDays(SHOWN.name);
  try {
    await new ConnectorPages(page).open(tomasz, SHOWN.name);
    const today = dayAgo(0);
    const path = new URL(page.url()).pathname;
    await cell(page, today).focus();
    await page.keyboard.press('PageUp');
    await expect(page).toHaveURL(/month=\d{4}-\d\d$/);
    const month = new URL(page.url()).searchParams.get('month') ?? '';
    await expect.poll(async () => (await focused(page))?.slice(0, 7)).toBe(month);
    await page.keyboard.press('Control+End');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => focused(page)).toBe(`${today.slice(0, 7)}-01`);
    await expect(page).not.toHaveURL(/month=/);
    // Beyond the present month there is none.
    await page.keyboard.press('PageDown');
    await expect.poll(async () => (await focused(page))?.slice(0, 7)).toBe(today.slice(0, 7));
    await expect(region(page).getByRole('button', { name: 'Next month' })).toHaveAttribute('aria-disabled', 'true');

    await page.goto(`${path}?month=${month}`);
    await expect(
      grid(page)
        .getByRole('gridcell', { name: /, [\d,]+ items, Balanced$/ })
        .first(),
    ).toBeVisible();
    await isAccessible(page, 'summary with an earlier month');
    await page.goto(path);
    await expect(charts(page).locator('svg rect').first()).toBeVisible();
    await isAccessible(page, 'summary with calendar and charts');
    await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
    await isPictured(page, 'summary in high contrast');
  } finally {
    await removeEarlierDays(SHOWN.name);
  }
});

test('keys that are pressed while a month is loading are neither lost nor answered by another page', async ({
  page,
}) => {
  await seedEarlierDays(SHOWN.name);
  try {
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    await new ConnectorPages(page).open(tomasz, SHOWN.name);
    const today = dayAgo(0);
    await cell(page, today).focus();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/[?&]month=/, async (route) => {
      await held;
      await route.continue();
    });
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect(grid(page).locator(':focus')).toHaveCount(1);
    release();
    const month = new Date(Date.parse(`${today.slice(0, 7)}-01`) - DAY_MS).toISOString().slice(0, 7);
    await expect.poll(() => focused(page)).toBe(`${month}-03`);
    await expect(page).toHaveURL(new RegExp(`month=${month}`));
    await page.keyboard.press('PageDown');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => focused(page)).toBe(`${month}-04`);
    expect(errors).toEqual([]);
  } finally {
    await removeEarlierDays(SHOWN.name);
  }
});

test('no cell says that it is not selected, since none can be', async ({ page }) => {
  await new ConnectorPages(page).open(tomasz, SHOWN.name);
  await expect(cell(page, dayAgo(0))).toBeVisible();
  await expect(grid(page).locator('[aria-selected]')).toHaveCount(0);
});

test('who wants less motion gets none: not of a day that opens, nor of a month that is read', async ({ page }) => {
  /** Milliseconds of the longest movement that is under way. */
  const longest = () =>
    page.evaluate(() =>
      Math.max(0, ...document.getAnimations().map((one) => Number(one.effect?.getComputedTiming().endTime ?? 0))),
    );
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await new ConnectorPages(page).open(tomasz, SHOWN.name);
  await cell(page, dayAgo(0)).focus();
  await page.keyboard.press('Enter');
  await expect.poll(longest).toBeGreaterThan(100);
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  await page.emulateMedia({ reducedMotion: 'reduce' });
  await cell(page, dayAgo(0)).focus();
  await page.keyboard.press('Enter');
  let most = 0;
  await expect
    .poll(async () => {
      most = Math.max(most, await longest());
      return page
        .getByRole('dialog')
        .getByRole('region', { name: 'Imports of this day' })
        .getByRole('listitem')
        .count();
    })
    .toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(1);
});

test('a connector that has not imported yet says so where its calendar will be', async ({ page, browser }) => {
  const database = new pg.Pool({ connectionString: process.env.E2E_DATABASE_URL, max: 1 });
  const first = await browser.newPage();
  // Whoever signs in for the first time brings their organization along.
  await signIn(first, KESTREL.amara);
  await expect(first.getByRole('heading', { level: 1 })).toBeVisible();
  await first.close();
  const ids = await seedManyConnectors(database, KESTREL.id, 1);
  try {
    for (const table of [
      'import_counter USING import i WHERE i.id = import_id AND i.',
      'import WHERE ',
      'import_window WHERE ',
    ]) {
      await database.query(`DELETE FROM ${table}connector_id = ANY ($1::uuid[])`, [ids]);
    }
    await signIn(page, KESTREL.amara, `/connectors/${ids[0]}`);
    await expect(region(page)).toContainText('No import has run yet.');
    await expect(region(page)).toContainText('The first one starts by itself.');
    await expect(grid(page)).toHaveCount(0);
    await isAccessible(page, 'a connector without an import');
  } finally {
    await removeConnectors(database, ids);
    await database.end();
  }
});

test('the calendar and both charts as tables, kept in the address', async ({ page }) => {
  await new ConnectorPages(page).open(tomasz, SHOWN.name);
  const bars = charts(page).getByRole('figure', { name: 'Items a day' });
  await expect(bars.locator('svg rect').first()).toBeVisible();

  const asTable = charts(page).getByRole('switch', { name: 'Show as table: Items a day' });
  const volume = charts(page).getByRole('table', { name: 'Items a day' });

  // Each bar stands above its own day. Just after midnight nothing may have arrived today.
  await asTable.click();
  await expect(volume.getByRole('row')).toHaveCount(31);
  const days = await volume.getByRole('row').allTextContents();
  await asTable.click();
  const newest = days.slice(1).findIndex((row) => /[1-9]/.test(row.replace(/\d{4}-\d\d-\d\d/, '')));
  expect(newest).toBeGreaterThanOrEqual(0);
  const middle = async (one: Locator) => {
    const box = await one.boundingBox();
    return box === null ? Number.NaN : box.x + box.width / 2;
  };
  const bar = await middle(bars.locator('svg rect[height]:not([height="0"])').last());
  // Every second day is written below.
  const [before, today] = await Promise.all(
    [2, 0].map((days) => middle(bars.locator('svg text').filter({ hasText: dayAgo(days).slice(5) }))),
  );
  const aDay = ((today ?? Number.NaN) - (before ?? Number.NaN)) / 2;
  expect(Math.abs(bar - ((today ?? Number.NaN) - newest * aDay))).toBeLessThan(2);

  const calendarSwitch = region(page).getByRole('switch', { name: 'Show as table: Import calendar' });
  await calendarSwitch.focus();
  await page.keyboard.press('Space');
  await expect(page).toHaveURL(/calendar=table/);
  await expect(grid(page)).toHaveCount(0);
  await expect(region(page).getByRole('table', { name: /^Days of / })).toContainText('from source');

  await asTable.click();
  // a row for each of 30 days, and the heads
  await expect(volume.getByRole('row')).toHaveCount(31);
  await expect(volume.getByRole('row').nth(1)).toContainText(dayAgo(0));
  await charts(page).getByRole('radio', { name: 'Last 90 days' }).click();
  await expect(volume.getByRole('row')).toHaveCount(91);

  await charts(page).getByRole('switch', { name: 'Show as table: Copies a minute' }).click();
  const speed = charts(page).getByRole('table', { name: 'Copies a minute' });
  await expect(speed.getByRole('row').nth(1)).toContainText(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/);

  await page.reload();
  await hydrated(page);
  await expect(volume.getByRole('row')).toHaveCount(91);
  await expect(speed).toBeVisible();
  await expect(calendarSwitch).toBeChecked();
  await charts(page).getByRole('radio', { name: 'Last 30 days' }).click();
  await expect(volume.getByRole('row')).toHaveCount(31);
  await isAccessible(page, 'summary as tables');
});

test('at 320 px the month is a list, nothing sticks out, and a day opens', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 800 });
  await page.goto('/sign-in');
  await new ConnectorPages(page).open(tomasz, SHOWN.name);
  await expect(grid(page)).toBeHidden();
  const list = region(page).getByRole('list', { name: /^List of days of / });
  await expect(list.getByRole('listitem').first()).toContainText(dayAgo(0));
  await expect(charts(page).locator('svg rect').first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await list.getByRole('button').first().click();
  await expect(page.getByRole('dialog')).toContainText(/This day is not over|The numbers add up/);
  await isAccessible(page, 'a day of the calendar');
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('while an import runs, its day is open on a page that somebody else watches, without a reload', async ({
  page,
  browser,
}) => {
  const connector = new ConnectorPages(page);
  await connector.open(grace, SHOWN.name);
  await connector.tab('Imports');
  const watcher = await (await browser.newContext()).newPage();
  await new ConnectorPages(watcher).open(tomasz, SHOWN.name);
  await region(watcher).getByRole('switch', { name: 'Show as table: Import calendar' }).click();
  const rowOf = (day: string) => region(watcher).getByRole('row').filter({ hasText: day });
  await expect(rowOf(dayAgo(0))).toContainText('from source');
  const listed = async (row: Locator): Promise<number> => listedIn((await row.textContent()) ?? '');
  // The first import goes back 24 hours: just after midnight nothing of it may be today's.
  const day = (await listed(rowOf(dayAgo(0)))) > 0 ? dayAgo(0) : dayAgo(1);
  if (day.slice(0, 7) !== dayAgo(0).slice(0, 7)) {
    await region(watcher).getByRole('button', { name: 'Previous month' }).click();
  }
  const row = rowOf(day);
  await expect(row).toContainText('from source');
  const before = await listed(row);
  // It is the same document to the end.
  await watcher.evaluate(() => document.documentElement.setAttribute('data-same', ''));
  await slowFeed(10_000);
  await page
    .getByRole('table', { name: 'Imports' })
    .getByRole('row')
    .filter({ hasText: new RegExp(`Window${day}`) })
    .getByRole('button', { name: /^Import again: import/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: /again\?$/ });
  await dialog.getByRole('button', { name: 'Import again' }).click();
  await expect(row).toContainText('An import or a copy is under way.', { timeout: 60_000 });
  await clearFaults();
  await expect(row).not.toContainText('under way', { timeout: 60_000 });
  // What was there is listed again, and counted as repeats.
  expect(await listed(row)).toBeGreaterThan(before);
  await expect(watcher.locator('html[data-same]')).toHaveCount(1);
  await watcher.context().close();
});

test('charts that cannot be read say so in their place, and the rest of the page stays', async ({ page }) => {
  await new ConnectorPages(page).open(tomasz, SHOWN.name);
  const failed = charts(page).getByRole('alert');
  const mend = await breakImports(SHOWN.name);
  try {
    await page.reload();
    await expect(failed).toContainText(/We couldn't load the charts\. Nothing changed\. Reference \S+\./);
    await expect(cell(page, dayAgo(0))).toBeVisible();
    await hydrated(page);
  } finally {
    await mend();
  }
  await failed.getByRole('button', { name: 'Try again' }).click();
  await expect(charts(page).locator('svg rect').first()).toBeVisible();
});
