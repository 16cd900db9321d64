/** Admin consent that is refused, and consent that somebody else gives by a link. */
import { expect, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { answerConsent, Wizard } from './pages/wizard.ts';
import { grantConsent, withdrawConsent } from './sandbox.ts';
import { ALDER_BYRNE, KESTREL, KINDS } from './world.ts';

test('declined consent changes nothing and can be given later', async ({ page }) => {
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

test.afterAll(() => grantConsent(ALDER_BYRNE.domain));
