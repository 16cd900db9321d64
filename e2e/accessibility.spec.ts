/** Every page of the portal is accessible, in both themes and at 320 px. */
import { expect, test } from '@playwright/test';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { withdrawConsent } from './sandbox.ts';
import { ALDER_BYRNE, KESTREL, KINDS } from './world.ts';

test('before a role: sign-in and the page about missing roles', async ({ page }) => {
  await page.goto('/sign-in');
  await isAccessible(page, 'sign-in');
  await signIn(page, ALDER_BYRNE.sam);
  await expect(page.getByRole('heading', { name: 'You have no role here yet' })).toBeVisible();
  await isAccessible(page, 'missing role');
});

test('the wizard, step by step', async ({ page }) => {
  test.setTimeout(240_000);
  await withdrawConsent(KESTREL.domain);
  await signIn(page, KESTREL.amara);
  await isAccessible(page, 'catalogue');
  await page.goto(`/data-connectors/${KINDS.android.slug}`);
  await expect(page.getByRole('heading', { name: KINDS.android.name, level: 1 })).toBeVisible();
  await isAccessible(page, 'description');

  const wizard = new Wizard(page, KINDS.android);
  await wizard.begin();
  await isAccessible(page, 'terms of service');
  await wizard.acceptTerms();
  await wizard.next();
  await expect(wizard.problem.first()).toBeVisible();
  await isAccessible(page, 'login with errors');
  await wizard.login(KESTREL.account);
  await wizard.chooseFile('m.csv', 'ExternalUserId,O365UserMailbox\n1,x\n');
  await expect(wizard.problem.first()).toBeVisible();
  await isAccessible(page, 'mapping with a broken file');
  await page.reload();
  await wizard.keepAutomaticMapping();
  await isAccessible(page, 'consent');
  await wizard.consent(KESTREL.amara, 'Accept');
  await wizard.consentIsProven();
  await isAccessible(page, 'consent, proven');
  await wizard.next();
  await wizard.isAt('Review');
  await isAccessible(page, 'review');
  await page.getByRole('link', { name: 'Save and close' }).click();
  await expect(page.getByRole('button', { name: 'Discard draft' })).toBeVisible();
  await isAccessible(page, 'description with a draft');
  await wizard.discard();
});

test('connectors: the tab, its empty state, the fly-out, a connector and its imports', async ({ page, browser }) => {
  test.setTimeout(300_000);
  await ensureConnector(browser);
  await signIn(page, ALDER_BYRNE.grace, '/data-connectors/connectors');
  const tab = new ConnectorsTab(page);
  await expect(tab.row(SHOWN.name)).toBeVisible();
  await isAccessible(page, 'connectors');
  await page.getByRole('link', { name: `Details of ${SHOWN.name}` }).click();
  await expect(tab.flyout.section('Connector status with source')).toContainText('Active');
  await isAccessible(page, 'fly-out');
  await tab.flyout.close();
  await page.getByRole('searchbox', { name: 'Search connectors' }).fill('nothing');
  await expect(page.getByText('No match.')).toBeVisible();
  await isAccessible(page, 'no match');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await tab.row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }).click();
  await expect(page.getByRole('region', { name: 'Balance' })).toBeVisible();
  await isAccessible(page, 'summary');
  await page.getByRole('link', { name: 'Imports', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Imports' })).toBeVisible();
  await isAccessible(page, 'imports');
  await page.goto('/nowhere');
  await expect(page.getByText("We can't find this page.")).toBeVisible();
  await isAccessible(page, 'not found');
});
