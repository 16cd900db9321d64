/** Admin consent that is refused, and consent that somebody else gives by a link. */
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { isPicturedEverywhere } from './pages/pictures.ts';
import { signIn } from './pages/sign-in.ts';
import { answerConsent, Wizard } from './pages/wizard.ts';
import { grantConsent, limitToMailboxes, withdrawConsent } from './sandbox.ts';
import { ALDER_BYRNE, KESTREL, KINDS } from './world.ts';

// Others count the connectors of this organization, and find the mailboxes of all its people.
test.afterAll(async () => {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  try {
    await client.query(
      `UPDATE connector SET status = 'deleted', updated_at = now() WHERE organization_id = $1 AND status = 'live'`,
      [KESTREL.id],
    );
  } finally {
    await client.end();
  }
  await grantConsent(KESTREL.domain);
});

test('declined consent changes nothing and can be given later, for chosen mailboxes only', async ({
  page,
  context,
}) => {
  test.setTimeout(180_000);
  await withdrawConsent(KESTREL.domain);
  await signIn(page, KESTREL.amara);
  const wizard = new Wizard(page, KINDS.whatsapp);
  await wizard.begin();
  await wizard.acceptTerms();
  await wizard.login(KESTREL.account);
  await wizard.keepAutomaticMapping();

  await wizard.consent(KESTREL.amara, 'Cancel');
  await expect(page.getByText('Consent was declined. Nothing changed.')).toBeVisible();
  await expect(wizard.check('Consent')).toContainText(/Waiting|Failed/);
  await wizard.next();
  await expect(wizard.problem.first()).toContainText('Consent must be given before you can go on.');
  await wizard.isAt('Admin consent');

  await wizard.consent(KESTREL.amara, 'Accept');
  await wizard.consentIsProven();

  // What was consented to is too much for a limit: that is said, and what to run in Exchange.
  await page.getByRole('radio', { name: /Only chosen mailboxes/ }).check();
  await expect(wizard.check('Consent')).toContainText('Failed. Mail is granted for all mailboxes');
  await limitToMailboxes(KESTREL.domain, [KESTREL.amara.address]);
  await page.getByLabel('A mailbox inside the scope').fill(KESTREL.amara.address);
  await page.getByLabel('A mailbox outside the scope').fill(KESTREL.amara.address);
  await page.getByRole('button', { name: 'Check both mailboxes' }).click();
  await expect(wizard.check('Outside the scope')).toContainText('Failed. This is the mailbox inside the scope');
  await isAccessible(page, 'consent, chosen mailboxes');
  await isPicturedEverywhere(page, 'consent, chosen mailboxes');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy commands' }).click();
  await expect(page.getByText('Copied.', { exact: true })).toBeVisible();
  const commands = await page.evaluate(() => navigator.clipboard.readText());
  expect(commands).toMatch(/^New-ServicePrincipal -AppId '[0-9a-f-]{36}' -ObjectId '[0-9a-f-]{36}'/m);
  expect(commands).toContain(`-Resource '${KESTREL.amara.address}'`);

  await page.getByLabel('A mailbox outside the scope').fill(KESTREL.felix.address);
  await wizard.next();
  await wizard.isAt('Review');
  await expect(page.getByText('Only chosen mailboxes (RBAC for Applications)')).toBeVisible();
  await page.goBack();
  await expect(page.getByText('Consent is given, for chosen mailboxes only.')).toBeVisible();
  for (const name of ['Consent', 'Directory', 'Inside the scope', 'Outside the scope'])
    await expect(wizard.check(name)).toContainText('Passed');
  await isAccessible(page, 'consent, chosen mailboxes, proven');
  await isPicturedEverywhere(page, 'consent, chosen mailboxes, proven');
  await wizard.next();
  await page.getByRole('button', { name: 'Finish' }).click();
  const tab = new ConnectorsTab(page);
  await tab.flyout.close();
  const row = tab.row(KINDS.whatsapp.name);
  await expect(row).toContainText('Idle', { timeout: 120_000 });
  await row.getByRole('link', { name: KINDS.whatsapp.name, exact: true }).click();
  await expect(page.getByRole('region', { name: 'Balance' }).getByText('Balances.')).toHaveCount(2);
});

test('who may not consent copies a link, and somebody who may gives it without entering the portal', async ({
  page,
  context,
  browser,
}) => {
  const { lena, priya, account, domain } = ALDER_BYRNE;
  await withdrawConsent(domain);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, lena);
  const wizard = new Wizard(page, KINDS.o2);
  await wizard.begin();
  await wizard.acceptTerms();
  await wizard.login(account);
  await wizard.keepAutomaticMapping();

  const popup = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Give consent' }).click();
  const window = await popup;
  const takesAnother = window.getByText(/cannot grant this|Use another account/).first();
  await expect(takesAnother).toBeVisible();
  await expect(window.getByRole('button', { name: 'Accept' })).toHaveCount(0);
  await window.close();

  await page.getByRole('button', { name: 'Copy link for an administrator' }).click();
  await expect(page.getByText(/^Copied\./)).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await expect(page.getByText('Waiting for consent', { exact: false }).first()).toBeVisible();

  // Another person in another browser: no session, and none comes of it.
  const elsewhere = await browser.newContext();
  const theirs = await elsewhere.newPage();
  await theirs.goto(link);
  await answerConsent(theirs, priya, 'Accept');
  await expect(theirs.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  expect((await elsewhere.cookies()).filter(({ name }) => name.includes('session-token'))).toEqual([]);

  await test.step('the link works once', async () => {
    await theirs.goto(link);
    await answerConsent(theirs, priya, 'Accept');
    await expect(theirs.getByRole('heading', { name: 'This link was used already' })).toBeVisible();
  });
  await elsewhere.close();

  // Who comes back to the tab finds it proven by itself; who never left asks.
  const again = page.getByRole('button', { name: 'Check again' });
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 1_000 });
    await expect(page.getByText('Consent is given.')).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await wizard.consentIsProven();
  await wizard.next();
  await wizard.isAt('Review');
});

test.afterAll(async () => {
  await grantConsent(ALDER_BYRNE.domain);
  await grantConsent(KESTREL.domain);
});
