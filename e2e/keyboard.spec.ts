/** Without a mouse: from the catalogue to the last step of the wizard, and a mapping that is uploaded again. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { MappingPages } from './pages/mapping.ts';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { grantConsent } from './sandbox.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, ben, account, domain } = ALDER_BYRNE;
/** No page of these has as many places to stop at. */
const MOST_TABS = 80;

/** Goes on with Tab until it is there, as somebody does who has no mouse. */
async function reach(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let tabs = 0; tabs <= MOST_TABS; tabs += 1) {
    if (await isThere()) {
      const seen = await target.evaluate((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return width > 0 && height > 0 && x >= 0 && y + height <= innerHeight + 1 && y >= -1;
      });
      expect(seen, `the focus is out of sight on ${target}`).toBe(true);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${target}`);
}

/** Into a grid with Tab, where it has one stop, and on with the arrow keys. */
async function reachInGrid(page: Page, grid: Locator, target: Locator): Promise<void> {
  await expect(grid.locator('[tabindex="0"]')).toHaveCount(1);
  await reach(page, grid.locator('[tabindex="0"]'));
  await page.keyboard.press('Control+Home');
  for (let rows = 0; rows <= MOST_TABS; rows += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return reach(page, target);
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`Arrow keys do not lead to ${target}`);
}

async function press(page: Page, target: Locator, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
  await reach(page, target);
  await page.keyboard.press(key);
}

test('the wizard is walked with the keyboard alone', async ({ page }) => {
  test.setTimeout(240_000);
  await grantConsent(domain);
  await signIn(page, grace);
  const wizard = new Wizard(page, KINDS.o2);
  // Of a run that broke off: begun and given up with the mouse, so that none is left.
  await wizard.begin();
  await page.goto(`/data-connectors/${KINDS.o2.slug}`);
  await wizard.discard();

  await page.goto('/data-connectors');
  await hydrated(page);
  await press(page, page.getByRole('link', { name: new RegExp(KINDS.o2.name) }).first());
  await expect(page.getByRole('heading', { name: KINDS.o2.name, level: 1 })).toBeVisible();
  await press(page, page.getByRole('button', { name: 'Add connector' }));
  await wizard.isAt('Terms of service');

  await test.step('the terms can be read to their end', async () => {
    const terms = page.getByRole('region', { name: /terms/i });
    await reach(page, terms);
    await page.keyboard.press('End');
    await expect.poll(() => terms.evaluate((area) => area.scrollTop)).toBeGreaterThan(0);
  });
  await press(page, page.getByRole('button', { name: 'Accept', exact: true }));
  await wizard.isAt('Login to TeleMessage');

  await test.step('a click on Next without an answer leads to what is missing', async () => {
    await press(page, page.getByRole('button', { name: 'Next', exact: true }));
    await expect(wizard.problem.first()).toBeVisible();
    await expect(page.locator(':focus')).toHaveCount(1);
  });
  await reach(page, page.getByRole('textbox', { name: 'Username' }));
  await page.keyboard.type(account.username);
  await reach(page, page.getByRole('textbox', { name: 'Password' }));
  await page.keyboard.type(account.password);
  await page.keyboard.press('Enter');
  const named = { name: 'Connector created' };
  const dialog = page.getByRole('dialog', named).or(page.getByRole('alertdialog', named));
  await expect(dialog).toContainText(`Account ${account.name}`);
  await press(page, dialog.getByRole('button', { name: 'Close' }));
  await press(page, page.getByRole('button', { name: 'Next', exact: true }));

  await wizard.isAt('User mapping');
  const automatic = page.getByRole('switch', { name: 'Automatic user mapping' });
  await press(page, automatic, 'Space');
  await expect(automatic).not.toBeChecked();
  await page.keyboard.press('Space');
  await expect(automatic).toBeChecked();
  await press(page, page.getByRole('button', { name: 'Next', exact: true }));
  await wizard.isAt('Admin consent');
  await wizard.consentIsProven();
  await press(page, page.getByRole('button', { name: 'Next', exact: true }));
  await wizard.isAt('Review');
  await reach(page, page.getByRole('button', { name: 'Finish' }));

  await test.step('and is left without a trace', async () => {
    await press(page, page.getByRole('link', { name: 'Save and close' }));
    await press(page, page.getByRole('button', { name: 'Discard draft' }));
    await press(page, page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }));
    await expect(page.getByRole('button', { name: 'Add connector' })).toBeVisible();
  });
});

test('a mapping is uploaded again with the keyboard alone', async ({ page, browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
  await signIn(page, grace, '/data-connectors/connectors');
  const tab = new ConnectorsTab(page);
  await expect(tab.row(SHOWN.name)).toBeVisible();
  await hydrated(page);
  await reachInGrid(
    page,
    page.getByRole('grid', { name: 'Connectors' }),
    tab.row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }),
  );
  await page.keyboard.press('Enter');
  await press(
    page,
    page.getByRole('navigation', { name: 'Connector' }).getByRole('link', { name: 'User mapping', exact: true }),
  );
  const mapping = new MappingPages(page);
  const upload = page
    .getByRole('main')
    .getByRole('button', { name: /^Upload (new version|mapping)$/ })
    .first();
  await reach(page, upload);
  const asking = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  const content = `ExternalUserId,O365UserMailbox\n${ben.mobile},${ben.address}\n`;
  await (await asking).setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
  await expect(mapping.check).toContainText('people.csv');
  await reach(page, mapping.effect.getByLabel('Why?'));
  await page.keyboard.type('Ben has a new phone.');
  // Where this file removes rows that are in force, the portal wants a phrase.
  const phrase = mapping.effect.getByRole('textbox', { name: /^Type “/ });
  if (await phrase.isVisible()) {
    const label = await phrase.evaluate((input: HTMLInputElement) => input.labels?.[0]?.textContent ?? '');
    await reach(page, phrase);
    await page.keyboard.type(/“(.+)”/.exec(label)?.[1] ?? '');
  }
  await press(page, mapping.applyButton);
  await expect(page.getByText(/^Version \d+ is in force\./)).toBeVisible();
});
