/** *Settings* of an organization: an administrator suspends deletion, with a reason that everybody concerned sees. */
import { expect, test } from '@playwright/test';
import { isAccessible } from './pages/accessible.ts';
import { isPicturedEverywhere } from './pages/pictures.ts';
import { signIn } from './pages/sign-in.ts';
import { KESTREL } from './world.ts';

test('an administrator suspends deletion and resumes it, by the keyboard alone', async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, KESTREL.amara);
  await page.getByRole('link', { name: 'Settings' }).click();
  const part = page.getByRole('region', { name: 'Deletion of records' });
  await expect(part).toContainText('evidence after 7 years, the audit log after 7 years');
  await isAccessible(page, 'organization settings');
  await isPicturedEverywhere(page, 'organization settings');

  await part.getByRole('button', { name: 'Suspend deletion' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Suspend all deletion of records?' });
  await dialog.getByRole('button', { name: 'Suspend deletion' }).press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('Enter a reason');
  await isAccessible(page, 'organization settings, suspending');
  await dialog.getByRole('textbox', { name: 'Why?' }).fill('Case 2026-114');
  await dialog.getByRole('button', { name: 'Suspend deletion' }).press('Enter');
  await expect(part).toContainText('Deletion is suspended. By Amara Mensah, since');
  await expect(part).toContainText('Reason: Case 2026-114');
  await isAccessible(page, 'organization settings, suspended');
  await isPicturedEverywhere(page, 'organization settings, suspended');

  await page.goto('/data-connectors/history');
  await expect(page.getByText('Suspended all deletion of records: Case 2026-114.').first()).toBeVisible();
  await page.goto('/settings');
  await part.getByRole('button', { name: 'Resume deletion' }).press('Enter');
  const resuming = page.getByRole('dialog', { name: 'Let records be deleted again?' });
  await resuming.getByRole('textbox', { name: 'Why?' }).fill('Case closed');
  await resuming.getByRole('button', { name: 'Resume deletion' }).press('Enter');
  await expect(part).toContainText('evidence after 7 years');
});
