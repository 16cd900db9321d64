/** How many clicks the questions of every day take, from the Connectors tab on. In one place, counted in the browser. */
import { expect, type Page, test } from '@playwright/test';
import { countClicks } from './pages/clicks.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { MappingPages } from './pages/mapping.ts';
import { signIn } from './pages/sign-in.ts';
import { startConnector, stopConnector } from './stop-connector.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, ben, dana } = ALDER_BYRNE;
const { name } = KINDS.signal;
/** nobody wrote down her e-mail, and only one person has her name */
const KATRIN = { name: 'Katrin Vance', address: 'katrin.vance@alderbyrne.example' };

test.describe.configure({ mode: 'serial' });

/** The Connectors tab, and the number of clicks since. */
async function openTab(page: Page): Promise<{ tab: ConnectorsTab; clicks: () => number }> {
  await signIn(page, grace, '/data-connectors/connectors');
  const tab = new ConnectorsTab(page);
  await expect(page.getByRole('grid', { name: 'Connectors' })).toBeVisible();
  const clicks = await countClicks(page);
  await expect(page.getByRole('grid', { name: 'Connectors' })).toBeVisible();
  await hydrated(page);
  expect(clicks()).toBe(0);
  return { tab, clicks };
}

test('whether all is well: none', async ({ page, browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
  const { tab, clicks } = await openTab(page);
  await expect(page.getByText(/connectors? (balances?|needs?|need) /i).first()).toBeVisible();
  await expect(tab.row(SHOWN.name)).toContainText(/Balanced|Needs you/);
  await expect(tab.row(SHOWN.name).locator('time').first()).toBeVisible();
  expect(clicks()).toBe(0);
});

test('why one is red: one, also by a keyboard that is on it', async ({ page }) => {
  await stopConnector(SHOWN.name);
  try {
    const { tab, clicks } = await openTab(page);
    await expect(tab.row(SHOWN.name)).toContainText('Stopped');
    const why = /TeleMessage does not accept the username or password\. Imports have stopped since/;
    await tab.row(SHOWN.name).getByText('Stopped').click();
    await expect(tab.flyout.dialog.getByText(why)).toBeVisible();
    expect(clicks()).toBe(1);
  } finally {
    await startConnector(SHOWN.name);
  }
});

test.describe('mapping', () => {
  test.beforeAll(async ({ browser }) => {
    test.setTimeout(360_000);
    await ensureConnector(browser, KINDS.signal);
    // Of the last day alone, some of these people have sent nothing at some hours.
    const page = await browser.newPage();
    const connector = new ConnectorPages(page);
    await connector.open(grace, name);
    await connector.tab('Imports');
    await connector.importDaysBefore(3);
    await page.close();
  });

  test('a number that is missing: three, where the mailbox is the one that is suggested', async ({ page }) => {
    const { tab, clicks } = await openTab(page);
    await tab.row(name).getByRole('link', { name: /to do/i }).click();
    const suggested = page
      .getByRole('table', { name: 'Numbers without a mailbox' })
      .getByRole('row')
      .filter({ hasText: KATRIN.name });
    await expect(suggested).toContainText(KATRIN.address);
    await suggested.getByRole('button', { name: /^Map/ }).click();
    const dialog = new ConnectorPages(page).dialog(/^Map Katrin Vance/);
    await dialog.getByLabel('Why?').fill('Her phone is new.');
    await dialog.getByRole('button', { name: /^Map and import \d+ cop(y|ies)$/ }).click();
    await expect(dialog).toBeHidden();
    expect(clicks()).toBe(3);
  });

  test('a clean file: three', async ({ page }) => {
    const { tab, clicks } = await openTab(page);
    const mapping = new MappingPages(page);
    await tab.row(name).getByRole('link', { name, exact: true }).click();
    const file = `ExternalUserId,O365UserMailbox\n${ben.mobile},${ben.address}\n${dana.mobile},${dana.address}\n+12125550150,${KATRIN.address}\n`;
    await mapping.choose(page.getByRole('button', { name: /^Upload (mapping|new version)$/ }), file);
    await expect(mapping.check).toContainText('people.csv');
    await mapping.effect.getByLabel('Why?').fill('They had no mailbox.');
    await mapping.applyButton.click();
    await expect(page.getByText(/^Version \d+ is in force\./)).toBeVisible();
    expect(clicks()).toBe(3);
  });
});
