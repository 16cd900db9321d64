/** A connector that was stopped because TeleMessage refused its password: who is told what, and the one button that helps. */
import { expect, test } from '@playwright/test';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { signIn } from './pages/sign-in.ts';
import { stopConnector } from './stop-connector.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, account } = ALDER_BYRNE;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});

test('one click shows why it is red, and the right password sets it going', async ({ page }) => {
  await stopConnector(SHOWN.name);
  await signIn(page, grace, '/data-connectors/connectors');
  const tab = new ConnectorsTab(page);
  await expect(page.getByText(/connectors? needs? you\./)).toBeVisible();
  await expect(tab.row(SHOWN.name)).toContainText('Stopped');
  await page.getByRole('button', { name: /^Show (it|them)$/ }).click();
  await expect(page).toHaveURL(/needing=1/);

  await tab.row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }).click();
  await expect(
    page.getByText(/TeleMessage does not accept the username or password\. Imports have stopped since/),
  ).toBeVisible();
  await page.getByRole('button', { name: 'Update password' }).click();
  const dialog = page.getByRole('dialog', { name: 'Update password' });
  await expect(dialog.getByLabel('Username')).toHaveValue(account.username);

  await dialog.getByLabel('Password').fill('not-the-password');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText("TeleMessage didn't accept this username or password.");

  await dialog.getByLabel('Username').fill('archive.admin@kestrelbank.example');
  await dialog.getByLabel('Password').fill('sandbox-archive-6');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('This is the account Kestrel Bank.');

  await dialog.getByLabel('Username').fill(account.username);
  await dialog.getByLabel('Password').fill(account.password);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/Imports have stopped/)).toBeHidden();
  await expect(page.getByRole('button', { name: 'Import now' })).toBeEnabled();
});
