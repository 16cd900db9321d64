/** User coverage: who has a mailbox and who has not, verified against the directory while one looks on. */
import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { signIn } from './pages/sign-in.ts';
import { clearFaults, slowGraph } from './sandbox.ts';
import { ALDER_BYRNE, type PersonOfTest } from './world.ts';

const { grace, tomasz } = ALDER_BYRNE;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});
test.afterAll(() => clearFaults());

async function openCoverage(page: Page, person: PersonOfTest): Promise<void> {
  await signIn(page, person, '/data-connectors/connectors');
  await new ConnectorsTab(page).row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }).click();
  await page.getByRole('link', { name: 'User coverage', exact: true }).click();
  await expect(page.getByRole('region', { name: 'User coverage' })).toBeVisible();
  await hydrated(page);
}

const table = (page: Page) => page.getByRole('table', { name: 'Users and mapped numbers' });
const lineOf = (page: Page, name: string) => table(page).getByRole('row').filter({ hasText: name });

test('an administrator verifies again, looks on, filters, and downloads', async ({ page }) => {
  await openCoverage(page, grace);
  // The first verification runs by itself, a moment after the connector was added.
  const sentence = page.getByText(/^\d+ of \d+ registered users have a mailbox\. \d+ have none\.$/);
  await expect(sentence).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^Verified/)).toContainText('TeleMessage listed its users at');
  await isAccessible(page, 'user coverage');

  await test.step('the progress is live, and the page moves on by itself when it is over', async () => {
    const before = (await page.getByText(/^Verified/).textContent()) ?? '';
    await slowGraph();
    await page.getByRole('button', { name: 'Verify again' }).click();
    await expect(page.getByRole('progressbar', { name: 'Verification' })).toBeVisible();
    await isAccessible(page, 'user coverage, verifying');
    await clearFaults();
    await expect(page.getByRole('progressbar', { name: 'Verification' })).toBeHidden({ timeout: 60_000 });
    await expect(page.getByText(/^Verified/)).not.toHaveText(before);
    await expect(page.getByText(/^Verified/)).toContainText(`by ${grace.name}`);
  });

  await test.step('those without a mailbox are listed with the reason', async () => {
    await page.getByRole('link', { name: /^Without a mailbox \(\d+\)$/ }).click();
    await expect(lineOf(page, 'Ben Carter')).toContainText('No row in the file and no address to map by.');
    await expect(lineOf(page, 'Dana Whitlock')).toContainText('dana.w@homemail.example is not in a verified domain');
    await expect(lineOf(page, 'Yuki Tanaka')).toContainText('yuki.tanaka@alderbyrne.example has no mailbox.');
    await expect(lineOf(page, grace.name)).toHaveCount(0);
    await page.getByRole('combobox', { name: 'Reason' }).selectOption({ label: 'No mailbox (1)' });
    await expect(lineOf(page, 'Ben Carter')).toHaveCount(0);
    await expect(lineOf(page, 'Yuki Tanaka')).toBeVisible();
    await page.goBack();
    await expect(lineOf(page, 'Ben Carter')).toBeVisible();
    await isAccessible(page, 'user coverage, without a mailbox');
  });

  await test.step('somebody is found by number', async () => {
    await page.getByRole('link', { name: 'All', exact: true }).click();
    await expect(lineOf(page, grace.name)).toContainText(grace.address);
    const search = page.getByRole('searchbox', { name: 'Search users' });
    await search.fill('(212) 555-0118');
    await search.press('Enter');
    await expect(lineOf(page, grace.name)).toHaveCount(0);
    await expect(lineOf(page, 'Ben Carter')).toBeVisible();
    await search.fill('nobody at all');
    await search.press('Enter');
    await expect(page.getByText('No match.')).toBeVisible();
    await isAccessible(page, 'user coverage, no match');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect(lineOf(page, grace.name)).toBeVisible();
  });

  await test.step('those who are silent, for as long as one wants to know', async () => {
    await page.getByRole('link', { name: /^Silent \(\d+\)$/ }).click();
    await page.getByRole('combobox', { name: 'Silent for at least' }).selectOption({ label: '90 days' });
    await expect(page).toHaveURL(/days=90/);
    await isAccessible(page, 'user coverage, silent');
  });

  await test.step('the download has the lines of the filter, and runs nothing in a spreadsheet', async () => {
    await page.getByRole('link', { name: /^Without a mailbox/ }).click();
    await expect(lineOf(page, 'Ben Carter')).toBeVisible();
    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download CSV' }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toMatch(/^user-coverage-\d{4}-\d\d-\d\d\.csv$/);
    const csv = await readFile(await download.path(), 'utf8');
    expect(csv).toContain("Ben Carter,'+12125550118,activated");
    expect(csv).not.toContain(grace.name);
    expect(csv.split('\r\n').filter((line) => /(^|,)[=+@]/.test(line))).toEqual([]);
  });
});

test('a reader sees who has a mailbox, and no number', async ({ page }) => {
  await openCoverage(page, tomasz);
  await expect(lineOf(page, 'Ben Carter')).toContainText('+1••••••0118', { timeout: 60_000 });
  await expect(page.getByRole('button', { name: /^Verify/ })).toHaveCount(0);
  expect(await page.content()).not.toContain('2125550118');
  const csv = await page.request.get(`/api${new URL(page.url()).pathname}`);
  expect(csv.status()).toBe(200);
  expect(await csv.text()).not.toMatch(/\d{7}/);
});
