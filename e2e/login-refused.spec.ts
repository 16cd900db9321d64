/** TeleMessage does not let us in: each refusal has its sentence, nothing is stored, and the right account still works. */
import { expect, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, account } = ALDER_BYRNE;

test('a wrong password is refused with a sentence, and nothing is lost', async ({ page }) => {
  await signIn(page, grace);
  const wizard = new Wizard(page, KINDS.enterprise);
  await wizard.begin();
  await wizard.acceptTerms();

  await test.step('an empty form says what is missing and goes there', async () => {
    await wizard.next();
    await expect(wizard.problem.first()).toContainText('Enter the username');
    await expect(wizard.problem.first()).toContainText('Enter the password');
  });

  await test.step('a wrong password', async () => {
    await wizard.enterAccount({ ...account, password: 'not-the-password' });
    await expect(wizard.problem.first()).toContainText("TeleMessage didn't accept this username or password.");
    await expect(page.getByRole('textbox', { name: 'Username' })).toHaveValue(account.username);
    await wizard.isAt('Login to TeleMessage');
  });

  for (const [username, password, sentence] of [
    [
      'archive.suspended@alderbyrne.example',
      'sandbox-archive-4',
      'This account is suspended. Ask TeleMessage to activate it.',
    ],
    [
      'archive.pin@alderbyrne.example',
      'sandbox-archive-5',
      'This account needs a PIN. Use an administration account without one.',
    ],
    [
      'archive.basic@alderbyrne.example',
      'sandbox-archive-3',
      `${KINDS.enterprise.name} isn't ordered for this account.`,
    ],
  ] as const) {
    await test.step(sentence, async () => {
      await wizard.enterAccount({ username, password });
      await expect(wizard.problem.first()).toContainText(sentence);
    });
  }

  await test.step('the right one still works, and the password does not come back', async () => {
    await wizard.login(account);
    await page.getByRole('link', { name: 'Back' }).click();
    await expect(page.getByRole('main')).toContainText(`Connected to ${account.name}`);
    expect(await page.content()).not.toContain(account.password);
  });

  await test.step('discarding takes everything back', async () => {
    await page.getByRole('link', { name: 'Save and close' }).click();
    await wizard.discard();
  });
});
