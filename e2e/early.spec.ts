/** Somebody is quicker than the page's scripts: what they typed and sent counts, and goes nowhere else meanwhile. */
import { expect, type Page, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, account } = ALDER_BYRNE;

/** From now on pages come without their scripts, until the returned function is called. */
async function holdScripts(page: Page): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/_next/static/**/*.js', async (route) => {
    await promise;
    await route.continue();
  });
  return resolve;
}

/** Every address that the page asks for as a page. */
function addressesOf(page: Page): readonly string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest()) asked.push(request.url());
  });
  return asked;
}

test('a sign-in that is sent before the scripts are there', async ({ page }) => {
  const release = await holdScripts(page);
  await page.goto('/sign-in', { waitUntil: 'commit' });
  const asked = addressesOf(page);
  await page.getByLabel('Work e-mail').fill(grace.address);
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).click({ noWaitAfter: true });
  release();
  await expect(page.getByLabel('Use another account')).toBeVisible();
  expect(asked.filter((address) => new URL(address).pathname === '/sign-in')).toEqual([]);
});

test("a password that is sent before the scripts are there is in no page's address", async ({ page }) => {
  await signIn(page, grace);
  const wizard = new Wizard(page, KINDS.enterprise);
  await wizard.begin();
  await wizard.acceptTerms();

  const release = await holdScripts(page);
  await page.reload({ waitUntil: 'commit' });
  const asked = addressesOf(page);
  await page.getByRole('textbox', { name: 'Username' }).fill(account.username);
  await page.getByRole('textbox', { name: 'Password' }).fill('not-the-password');
  await page.keyboard.press('Enter');
  expect(asked).toEqual([]);
  // Typed after it was sent, as a person would who sees that nothing happens.
  await page.getByRole('textbox', { name: 'Password' }).fill('not-the-password-either');
  release();
  await expect(wizard.problem.first()).toContainText("TeleMessage didn't accept this username or password.");
  await expect(page.getByRole('textbox', { name: 'Username' })).toHaveValue(account.username);
  await expect(page.getByRole('textbox', { name: 'Password' })).toHaveValue('not-the-password-either');
  expect(asked).toEqual([]);

  await page.getByRole('link', { name: 'Save and close' }).click();
  await wizard.discard();
});
