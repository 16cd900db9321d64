/** The Connectors tab and a connector's page, once a connector is there. */
import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { readEquation } from './pages/equations.ts';
import { hydrated } from './pages/hydrated.ts';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE, KESTREL } from './world.ts';

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});

async function openTab(page: Page, query = ''): Promise<ConnectorsTab> {
  await signIn(page, ALDER_BYRNE.grace, `/data-connectors/connectors${query}`);
  const tab = new ConnectorsTab(page);
  await expect(tab.row(SHOWN.name)).toBeVisible();
  await hydrated(page);
  return tab;
}

async function openConnector(page: Page): Promise<void> {
  const tab = await openTab(page);
  await tab.row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }).click();
  await expect(page.getByRole('heading', { name: SHOWN.name, level: 1 })).toBeVisible();
}

test('a row opens its fly-out, which the address, the keyboard and Back know', async ({ page }) => {
  const tab = await openTab(page);
  const details = page.getByRole('link', { name: `Details of ${SHOWN.name}` });
  await details.focus();
  await page.keyboard.press('Enter');
  const { flyout } = tab;
  await expect(flyout.dialog).toContainText(SHOWN.name);
  await expect(page).toHaveURL(/[?&]connector=[0-9a-f-]{36}/);

  await test.step('TeleMessage is asked how it sees the connector', async () => {
    const status = flyout.section('Connector status with source');
    await expect(status).toContainText('Active');
    await expect(status).toContainText('Last item archived there');
    await expect(status).toContainText(/Phones\s*\d+/);
  });

  await test.step('the last import adds up, in items and in copies', async () => {
    const last = flyout.section('Last import');
    await expect(last.getByText('Balances.')).toHaveCount(2);
    await readEquation(last, 'Items');
    await readEquation(last, 'Copies');
  });

  await page.reload();
  await expect(flyout.dialog).toContainText(SHOWN.name);
  await page.keyboard.press('Escape');
  await expect(flyout.dialog).toBeHidden();
  await expect(page).not.toHaveURL(/connector=/);
  await details.focus();
  await page.keyboard.press('Enter');
  await flyout.close();
  await expect(details).toBeFocused();

  await tab.row(SHOWN.name).click({ position: { x: 400, y: 8 } });
  await expect(flyout.dialog).toBeVisible();
  await page.goBack();
  await expect(flyout.dialog).toBeHidden();
});

test('before any script is here, Details goes to the address that opens the fly-out', async ({ browser, page }) => {
  const tab = await openTab(page);
  const details = page.getByRole('link', { name: `Details of ${SHOWN.name}` });
  const scriptless = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  const still = await scriptless.newPage();
  await still.goto(page.url());
  await still.getByRole('link', { name: `Details of ${SHOWN.name}` }).click();
  await expect(still).toHaveURL(/[?&]connector=[0-9a-f-]{36}/);
  await page.goto(still.url());
  await expect(tab.flyout.dialog).toContainText(SHOWN.name);
  await tab.flyout.close();
  await expect(details).toBeVisible();
  await scriptless.close();
});

test('the log speaks the words that administrators know', async ({ page }) => {
  const tab = await openTab(page);
  await page.getByRole('link', { name: `Details of ${SHOWN.name}` }).click();
  const waiting = page.waitForEvent('download');
  await tab.flyout.dialog.getByRole('link', { name: 'Download log' }).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toMatch(/^import-log-\d{4}-\d\d-\d\d\.csv$/);
  const text = await readFile(await download.path(), 'utf8');
  const [header = '', ...lines] = text.split('\r\n');
  for (const column of [
    'Import completion time (UTC)',
    'Items available from source',
    'Items available for import',
    'Items imported successfully',
    'Items partially imported',
    'Items skipped',
    'Items failed',
    'Source User ID',
    'M365 User ID',
    'Failure Reason',
  ]) {
    expect(header).toContain(column);
  }
  expect(lines.filter((line) => line.startsWith('Import,')).length).toBeGreaterThan(0);
});

test('search and order are in the address; a filter without a result says so', async ({ page }) => {
  const tab = await openTab(page);
  // The row is there before the page's script is: what is typed until then is not heard.
  await expect(async () => {
    await page.getByRole('searchbox', { name: 'Search connectors' }).fill('');
    await page.getByRole('searchbox', { name: 'Search connectors' }).fill('nothing is called this');
    await expect(page.getByText('No match.')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(page).toHaveURL(/search=nothing/);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(tab.row(SHOWN.name)).toBeVisible();

  await page.getByRole('columnheader', { name: 'Health' }).getByRole('button').click();
  await expect(page).toHaveURL(/sort=health/);
  await expect(page.getByRole('columnheader', { name: 'Health' })).toHaveAttribute('aria-sort', 'ascending');
  await page.reload();
  await expect(page.getByRole('columnheader', { name: 'Health' })).toHaveAttribute('aria-sort', 'ascending');
});

test('eight tabs in one browser see a pause at once, without a reload', async ({ page, context }) => {
  await openConnector(page);
  const others: ConnectorsTab[] = [];
  for (let i = 0; i < 7; i++) {
    const tab = new ConnectorsTab(await context.newPage());
    await tab.open();
    others.push(tab);
  }
  await page.bringToFront();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('Paused. Nothing new starts until somebody resumes it.')).toBeVisible();
  for (const tab of others) await expect(tab.row(SHOWN.name)).toContainText('Paused');
  await expect(page.getByRole('button', { name: 'Import now' })).toBeDisabled();

  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Import now' })).toBeEnabled();
  for (const tab of others) await expect(tab.row(SHOWN.name)).not.toContainText('Paused');
});

test('Import now imports what has come since, and the list of imports shows it', async ({ page }) => {
  await openConnector(page);
  const tabs = page.getByRole('navigation', { name: 'Connector' });
  await tabs.getByRole('link', { name: 'Imports' }).click();
  const rows = page.getByRole('table', { name: 'Imports' }).getByRole('row');
  await expect(rows.nth(1)).toContainText('Completed');
  const before = await rows.count();
  await page.getByRole('button', { name: 'Import now' }).click();
  await expect(page.getByText('The import starts now.')).toBeVisible();
  // At 00:00 UTC there is one for each of the two days.
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBeGreaterThan(before);
  await expect(rows.nth(1)).toContainText('By hand');
  await expect(rows.nth(1)).toContainText('Completed', { timeout: 60_000 });
  await expect(rows.nth(1)).toContainText('Balances.');
});

test('where the stream is blocked, the page says since when, offers Refresh, and recovers by itself', async ({
  page,
}) => {
  // Without a shared worker the page holds its stream itself, where this test can cut it.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
  await page.route('**/api/events*', (route) => route.abort());
  await openTab(page);
  await expect(page.getByText(/^Live updates stopped at \d\d:\d\d UTC\.$/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole('button', { name: 'Refresh' })).toBeVisible();
  await page.unroute('**/api/events*');
  await expect(page.getByText(/Live updates stopped/)).toBeHidden({ timeout: 40_000 });
});

test("another organization's connector is not found, nor is one that never was", async ({ page, browser }) => {
  await openConnector(page);
  const address = page.url();
  const context = await browser.newContext();
  const theirs = await context.newPage();
  await signIn(theirs, KESTREL.amara, address);
  await expect(theirs.getByText("We can't find this page.")).toBeVisible();
  for (const route of ['log', 'source-status']) {
    const path = address.replace('/connectors/', '/api/connectors/');
    expect((await theirs.request.get(`${path}/${route}`)).status(), route).toBe(404);
  }
  await theirs.goto('/connectors/00000000-0000-4000-8000-000000000000');
  await expect(theirs.getByText("We can't find this page.")).toBeVisible();
  await context.close();
});
