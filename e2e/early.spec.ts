/** Somebody is quicker than the page's scripts: what they typed and sent counts, and goes nowhere else meanwhile. */
import { expect, type Page, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { grantConsent } from './sandbox.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, account, domain } = ALDER_BYRNE;

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
function addressesOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest()) asked.push(request.url());
  });
  return asked;
}

test('a sign-in that is sent before the scripts are there goes on once they are, and once only', async ({ page }) => {
  const release = await holdScripts(page);
  await page.goto('/sign-in', { waitUntil: 'commit' });
  const asked = addressesOf(page);
  const questions: string[] = [];
  page.on('request', (request) => {
    if (request.headers()['next-action'] !== undefined) questions.push(request.url());
  });
  await page.getByLabel('Work e-mail').fill(grace.address);
  for (let click = 1; click <= 3; click++) {
    await page.getByRole('button', { name: 'Sign in with Microsoft' }).click({ noWaitAfter: true });
  }
  release();
  await expect(page.getByLabel('Use another account')).toBeVisible();
  expect(asked.filter((address) => new URL(address).pathname === '/sign-in')).toEqual([]);
  expect(questions).toHaveLength(1);
});

test('what is entered and sent in the wizard before the scripts are there counts, and is in no address', async ({
  page,
}) => {
  await grantConsent(domain);
  await signIn(page, grace);
  const wizard = new Wizard(page, KINDS.enterprise);
  await wizard.begin();
  await wizard.acceptTerms();
  const asked = addressesOf(page);

  await test.step('the password', async () => {
    const release = await holdScripts(page);
    await page.reload({ waitUntil: 'commit' });
    asked.length = 0;
    const password = page.getByRole('textbox', { name: 'Password' });
    await page.getByRole('textbox', { name: 'Username' }).fill('archive.suspended@alderbyrne.example');
    await password.fill('not-the-password');
    await page.keyboard.press('Enter');
    // What was typed last counts: that nothing happens is seen.
    await password.fill('sandbox-archive-4');
    release();
    await expect(wizard.problem.first()).toContainText('This account is suspended.');
    expect(asked).toEqual([]);
    await page.unrouteAll({ behavior: 'wait' });
  });
  await wizard.login(account);

  await test.step('a switch and a list', async () => {
    const release = await holdScripts(page);
    await page.reload({ waitUntil: 'commit' });
    asked.length = 0;
    const automatic = page.getByRole('switch', { name: 'Automatic user mapping' });
    const region = page.getByLabel('Region');
    await expect(automatic).toBeChecked();
    await automatic.click();
    await region.selectOption('GB');
    await page.getByRole('button', { name: 'Next', exact: true }).click({ noWaitAfter: true });
    release();
    await expect(wizard.problem.first()).toContainText('Turn on automatic mapping or upload a file.');
    await expect(automatic).not.toBeChecked();
    await automatic.click();
    await expect(region).toHaveValue('GB');
    expect(asked).toEqual([]);
    await page.unrouteAll({ behavior: 'wait' });
    await page.getByRole('button', { name: 'Next', exact: true }).click();
    await wizard.isAt('Admin consent');
    await page.getByRole('link', { name: 'Back' }).click();
    await expect(region).toHaveValue('GB');
  });

  await page.getByRole('link', { name: 'Save and close' }).click();
  await wizard.discard();
});
