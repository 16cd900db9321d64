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

const table = (page: Page): Locator => page.getByRole('grid', { name: 'Connectors' });
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

test('one stop for the Tab key; arrows go from cell to cell; Enter opens; the focus is not lost to scrolling', async ({
  page,
}) => {
  const tab = await openTab(page);
  await expect(table(page).locator('[tabindex="0"]')).toHaveCount(1);
  const name = (connector: string): Locator => tab.row(connector).getByRole('link', { name: connector, exact: true });
  const details = (connector: string): Locator =>
    page.getByRole('link', { name: `Details of ${connector}`, exact: true });

  await test.step('from the tool before the grid into it, and out of it, with one Tab each', async () => {
    await page.getByRole('button', { name: 'Views' }).focus();
    await page.keyboard.press('Tab');
    await expect(name('Branch 1')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(table(page).locator(':focus')).toHaveCount(0);
    await page.keyboard.press('Shift+Tab');
    await expect(name('Branch 1')).toBeFocused();
  });

  await test.step('down and up, also by page and to the ends', async () => {
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
    await expect(name('Branch 4')).toBeFocused();
    await page.keyboard.press('Control+End');
    await expect(details('Branch 1000')).toBeFocused();
    await expect(tab.row('Branch 1000')).toBeInViewport();
    await page.keyboard.press('PageUp');
    await expect(details('Branch 990')).toBeFocused();
    await expect(table(page).locator('[tabindex="0"]')).toHaveCount(1);
  });

  await test.step('Enter opens the fly-out, from Details and from a cell with nothing to press; Escape leads back', async () => {
    await page.keyboard.press('Enter');
    await expect(tab.flyout.dialog).toContainText('Branch 990');
    await page.keyboard.press('Escape');
    await expect(tab.flyout.dialog).toBeHidden();
    await expect(details('Branch 990')).toBeFocused();
    await page.keyboard.press('ArrowLeft');
    await expect(tab.row('Branch 990').getByRole('gridcell').nth(5)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(tab.flyout.dialog).toContainText('Branch 990');
    await page.keyboard.press('Escape');
    await expect(tab.row('Branch 990').getByRole('gridcell').nth(5)).toBeFocused();
    await page.keyboard.press('Home');
    await expect(name('Branch 990')).toBeFocused();
  });

  await test.step('whoever scrolls away keeps the focus where it was', async () => {
    await page.evaluate(() => scrollTo(0, 0));
    await expect(tab.row('Branch 1')).toBeInViewport();
    await expect(name('Branch 990')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(name('Branch 991')).toBeFocused();
    await expect(tab.row('Branch 991')).toBeInViewport();
  });

  await test.step('the header is above the first row, and Enter sorts there', async () => {
    await page.keyboard.press('Control+Home');
    await expect(name('Branch 1')).toBeFocused();
    await page.keyboard.press('ArrowUp');
    const head = page.getByRole('columnheader', { name: 'Name' });
    await expect(head.getByRole('button')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    await expect(head.getByRole('button')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(name('Branch 1000')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/connectors\/[0-9a-f-]{36}$/);
  });
});

test('a row that is filtered away, filters that are cleared: the focus stays in the tab', async ({ page }) => {
  const tab = await openTab(page);
  await tab.row('Branch 3').getByRole('link', { name: 'Branch 3', exact: true }).focus();
  const id = await tab.row('Branch 3').getAttribute('data-row');
  // As when somebody else deletes it, or it does not match the filter any more, while this page is open.
  await page.evaluate(() => history.replaceState(null, '', '?search=branch+7'));
  await expect(tab.row('Branch 3')).toHaveCount(0);
  expect(id).not.toBeNull();
  await expect(table(page).locator(':focus')).toHaveText(/^Branch 7/);
  await page.evaluate(() => history.replaceState(null, '', '?search=nothing+is+called+this'));
  await expect(page.getByRole('button', { name: 'Clear filters' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(shown(page, '1000 connectors')).toBeVisible();
  await expect(search(page)).toBeFocused();
});

test('what is typed fast is neither lost nor written with every key, and Back leads where one came from', async ({
  page,
}) => {
  await openTab(page);
  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(table(page)).toHaveCount(0);
  await page.getByRole('navigation').getByRole('link', { name: 'Connectors', exact: true }).click();
  await expect(drawn(page).first()).toBeVisible();
  await page.evaluate(() => {
    const original = history.replaceState.bind(history);
    document.documentElement.dataset.written = '0';
    history.replaceState = (...given) => {
      document.documentElement.dataset.written = String(Number(document.documentElement.dataset.written) + 1);
      original(...given);
    };
  });
  await search(page).pressSequentially('branch 77');
  await expect(search(page)).toHaveValue('branch 77');
  await expect(shown(page, '11 of 1000 connectors')).toBeVisible();
  await expect(page).toHaveURL(/search=branch\+77$/);
  expect(Number(await page.locator('html').getAttribute('data-written'))).toBeLessThan(9);

  await test.step('another address is another search, wherever it comes from', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Connectors', exact: true }).click();
    await expect(search(page)).toHaveValue('');
    await expect(shown(page, '1000 connectors')).toBeVisible();
    await page.goBack();
    await expect(search(page)).toHaveValue('branch 77');
  });

  await test.step('a fly-out that was opened and closed is no step to go back to', async () => {
    const tab = new ConnectorsTab(page);
    await page.getByRole('link', { name: 'Details of Branch 77', exact: true }).click();
    await expect(tab.flyout.dialog).toBeVisible();
    await tab.flyout.close();
    await expect(page).toHaveURL(/search=branch\+77$/);
    await page.goBack();
    await expect(table(page)).toHaveCount(0);
  });
});

test('at 320 px every card says what is what, is as high as it was taken for, and columns are chosen', async ({
  page,
}) => {
  await page.setViewportSize({ width: 320, height: 700 });
  const tab = await openTab(page);
  const card = tab.row('Branch 2');
  for (const label of ['Health', 'Now', 'Balanced up to', 'To do', 'Next import']) {
    await expect(card.getByRole('gridcell', { name: new RegExp(`^${label}`) })).toBeVisible();
  }
  await expect(page.getByRole('columnheader')).toHaveCount(0);
  const height = () => page.evaluate(() => document.documentElement.scrollHeight);
  const before = await height();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await expect.poll(() => drawn(page).count()).toBeGreaterThan(3);
  // Where cards are higher or lower than they were taken for, all that were seen move the end of the page.
  expect(Math.abs((await height()) - before) / before).toBeLessThan(0.02);
  await page.evaluate(() => scrollTo(0, 0));
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Next import' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Columns' })).toBeFocused();
  await expect(card).not.toContainText('Next import');
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

test('a part whose code does not come says so, and comes when it is asked for again', async ({ page }) => {
  const tab = await openTab(page);
  const scripts = '**/_next/static/chunks/**';
  await page.route(scripts, (route) => route.abort());
  await page.getByRole('link', { name: 'Details of Branch 1', exact: true }).click();
  const problem = page.getByRole('alert').filter({ hasText: "We couldn't load the details. Nothing changed." });
  await expect(problem).toBeVisible();
  await page.getByRole('button', { name: 'Views' }).click();
  await expect(page.getByText("We couldn't load the saved views. Nothing changed.")).toBeVisible();
  await expect(drawn(page).first()).toBeVisible();
  await page.unroute(scripts);
  await problem.getByRole('button', { name: 'Try again' }).click();
  await expect(tab.flyout.dialog).toContainText('Branch 1');
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
