/** A thousand connectors on one tab: found, sorted, filtered, walked through by keyboard, and drawn a window at a time. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import pg from 'pg';
import { removeConnectors, seedManyConnectors } from '#lib/connectors/rows.fixture.ts';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { hydrated } from './pages/hydrated.ts';
import { signIn } from './pages/sign-in.ts';
import { KESTREL } from './world.ts';

const COUNT = 1_000;
/** What a high window shows, with what is drawn beyond its edges. */
const MOST_DRAWN = 80;

let database: pg.Pool;
let ids: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  database = new pg.Pool({ connectionString: process.env.E2E_DATABASE_URL, max: 2 });
  // Whoever signs in for the first time brings their organization along.
  const page = await browser.newPage();
  await signIn(page, KESTREL.amara);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.close();
  ids = await seedManyConnectors(database, KESTREL.id, COUNT);
});

test.afterAll(async () => {
  await removeConnectors(database, ids);
  await database.end();
});

async function openTab(page: Page, query = ''): Promise<ConnectorsTab> {
  await signIn(page, KESTREL.amara, `/data-connectors/connectors${query}`);
  await expect(drawn(page).first()).toBeVisible();
  await hydrated(page);
  return new ConnectorsTab(page);
}

const table = (page: Page): Locator => page.getByRole('table', { name: 'Connectors' });
/** Rows with a connector: the header has no such link. */
const drawn = (page: Page): Locator =>
  table(page)
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: /^Branch/ }) });
const nameOf = (row: Locator): Locator => row.getByRole('link', { name: /^Branch/ });
const search = (page: Page): Locator => page.getByRole('searchbox', { name: 'Search connectors' });
const shown = (page: Page, words: string): Locator => page.getByRole('status').getByText(words, { exact: true });

test('only rows in view are drawn, from the first to the last, and each says which it is', async ({ page }) => {
  const tab = await openTab(page);
  await expect(table(page)).toHaveAttribute('aria-rowcount', String(COUNT + 1));
  await expect(tab.row('Branch 1')).toHaveAttribute('aria-rowindex', '2');
  expect(await drawn(page).count()).toBeLessThan(MOST_DRAWN);

  for (const part of [0.25, 0.5, 0.75, 1]) {
    await page.evaluate((share) => scrollTo(0, document.documentElement.scrollHeight * share), part);
    await expect.poll(() => drawn(page).count()).toBeGreaterThan(5);
    expect(await drawn(page).count()).toBeLessThan(MOST_DRAWN);
  }
  await expect(tab.row('Branch 1000')).toBeInViewport();
  await expect(tab.row('Branch 1000')).toHaveAttribute('aria-rowindex', String(COUNT + 1));
  await expect(tab.row('Branch 1')).toHaveCount(0);
});

test('search, filters, order and columns are found as one types, and are in the address', async ({ page }) => {
  const tab = await openTab(page);
  await search(page).pressSequentially('branch 77');
  await expect(shown(page, '11 of 1000 connectors')).toBeVisible();
  await expect(drawn(page)).toHaveCount(11);
  await expect(tab.row('Branch 777')).toBeVisible();
  await expect(page).toHaveURL(/search=branch\+77/);
  await search(page).fill('');

  await page.getByLabel('Health').selectOption('Stopped');
  await expect(shown(page, '10 of 1000 connectors')).toBeVisible();
  await page.getByLabel('Kind').selectOption('Android Archiver');
  await expect(page.getByText('No match.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('button', { name: 'Needs you', exact: true }).click();
  await expect(shown(page, '100 of 1000 connectors')).toBeVisible();

  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  await expect(nameOf(drawn(page).first())).toHaveText('Branch 1000');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Kind' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Balanced up to' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('columnheader', { name: 'Balanced up to' })).toHaveCount(0);
  await expect(drawn(page).first()).toContainText('WhatsApp Archiver');

  await page.reload();
  await expect(shown(page, '100 of 1000 connectors')).toBeVisible();
  await expect(nameOf(drawn(page).first())).toHaveText('Branch 1000');
  await expect(page.getByRole('columnheader', { name: 'Kind' })).toBeVisible();
});

test('arrow keys go from row to row; Enter opens the fly-out; the focus is not lost to scrolling', async ({ page }) => {
  const tab = await openTab(page);
  await tab.row('Branch 1').focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
  await expect(tab.row('Branch 4')).toBeFocused();
  await page.keyboard.press('End');
  await expect(tab.row('Branch 1000')).toBeFocused();
  await expect(tab.row('Branch 1000')).toBeInViewport();
  await page.keyboard.press('PageUp');
  await expect(tab.row('Branch 990')).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(tab.flyout.dialog).toContainText('Branch 990');
  await page.keyboard.press('Escape');
  await expect(tab.flyout.dialog).toBeHidden();
  await expect(tab.row('Branch 990')).toBeFocused();

  await page.evaluate(() => scrollTo(0, 0));
  await expect(tab.row('Branch 1')).toBeInViewport();
  await expect(tab.row('Branch 990')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(tab.row('Branch 991')).toBeFocused();
  await expect(tab.row('Branch 991')).toBeInViewport();
});

test('a view that was given a name is a link in this browser, until it is removed', async ({ page }) => {
  await openTab(page, '?needing=1&sort=health');
  await page.getByRole('button', { name: 'Views' }).click();
  const views = page.getByRole('dialog', { name: 'Saved views' });
  await views.getByLabel('Name for this view').fill('Morning');
  await page.keyboard.press('Enter');
  await expect(views.getByText('Saved as Morning.')).toBeVisible();
  await views.getByRole('link', { name: 'All connectors' }).click();
  await expect(shown(page, '1000 connectors')).toBeVisible();

  await page.reload();
  await hydrated(page);
  await page.getByRole('button', { name: 'Views' }).click();
  await expect(views.getByRole('link', { name: 'Morning' })).toHaveAttribute('href', '?needing=1&sort=health');
  await views.getByRole('link', { name: 'Morning' }).click();
  await expect(shown(page, '100 of 1000 connectors')).toBeVisible();
  await page.getByRole('button', { name: 'Views' }).click();
  await views.getByRole('button', { name: 'Remove the view Morning' }).click();
  await expect(views.getByRole('link', { name: 'Morning' })).toHaveCount(0);
});

test('accessible in both themes and at 320 px, also with views open', async ({ page }) => {
  await openTab(page);
  await isAccessible(page, 'a thousand connectors');
  await page.getByRole('button', { name: 'Views' }).click();
  await expect(page.getByRole('dialog', { name: 'Saved views' })).toBeVisible();
  await isAccessible(page, 'saved views');
});
