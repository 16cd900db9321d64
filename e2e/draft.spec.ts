/** Leaving the wizard half-way and coming back: from another browser, as another administrator. */
import { expect, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, lena, account } = ALDER_BYRNE;

test('a closed tab loses nothing', async ({ page, browser }) => {
  await signIn(page, grace);
  const wizard = new Wizard(page, KINDS.enterprise);
  await wizard.begin();
  await wizard.acceptTerms();
  await wizard.login(account);
  await page.close();

  const elsewhere = await browser.newContext();
  const theirs = await elsewhere.newPage();
  await signIn(theirs, lena, `/data-connectors/${KINDS.enterprise.slug}`);
  await expect(theirs.getByText(`A draft of this connector was begun by ${grace.name}`)).toBeVisible();
  await theirs.getByRole('link', { name: 'Continue setup' }).click();

  const again = new Wizard(theirs, KINDS.enterprise);
  await again.isAt('User mapping');
  await test.step('a step that was done can be looked at, one that is not yet open cannot', async () => {
    await theirs.getByRole('link', { name: 'Back' }).click();
    await expect(theirs.getByRole('main')).toContainText(`Connected to ${account.name}`);
    await theirs.goto(`/data-connectors/${KINDS.enterprise.slug}/new/review`);
    // The page sends back to the step that is open; the next address waits for that.
    await theirs.waitForURL((url) => !url.pathname.endsWith('/review'));
    await expect(theirs.getByRole('heading', { name: 'Review', level: 1 })).toHaveCount(0);
  });

  await theirs.goto(`/data-connectors/${KINDS.enterprise.slug}`);
  await again.discard();
  await elsewhere.close();
});
