/** A mapping file with mistakes: what is wrong, where, and two ways on. */
import { expect, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, account } = ALDER_BYRNE;

test('a broken file is explained row by row and never applied by accident', async ({ page }) => {
  await signIn(page, grace);
  const wizard = new Wizard(page, KINDS.verizon);
  await wizard.begin();
  await wizard.acceptTerms();
  await wizard.login(account);

  await test.step('a file without a mailbox column', async () => {
    await wizard.chooseFile('phones.csv', 'ExternalUserId,Name\n+12125550101,Grace\n');
    await expect(wizard.problem.first()).toContainText(
      'No mailbox column. Name its header O365UserMailbox. Found: ExternalUserId, Name.',
    );
  });

  await test.step('two wrong rows of three', async () => {
    const rows = [
      '+12125550101,grace.adeyemi@alderbyrne.example',
      '4.45204E+11,x@alderbyrne.example',
      '+12125550104,nobody',
    ];
    await wizard.chooseFile('mapping.csv', `ExternalUserId,O365UserMailbox\n${rows.join('\n')}\n`);
    await expect(wizard.problem.first()).toContainText('2 of 3 rows have errors.');
    const errors = page.getByRole('table', { name: 'Rows with errors' });
    await expect(errors.getByRole('row').filter({ hasText: '4.45204E+11' })).toContainText(/digits/);
    await expect(errors.getByRole('row').filter({ hasText: 'nobody' })).toContainText('4');
  });

  await test.step('going on without a decision is refused', async () => {
    await wizard.next();
    await expect(wizard.problem.first()).toContainText('Apply the file without its wrong rows, or choose another one.');
    await wizard.isAt('User mapping');
  });

  await test.step('the wrong rows can be downloaded', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download errors' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.csv$/);
  });

  await test.step('the good row is applied, and said', async () => {
    await page.getByRole('button', { name: 'Apply without these 2 rows' }).click();
    await expect(page.getByText('mapping.csv: 1 rows').or(page.getByText('mapping.csv: 1 row'))).toBeVisible();
    await expect(page.getByText('2 rows with errors were left out.')).toBeVisible();
    await wizard.next();
    await wizard.isAt('Admin consent');
  });
});

test('automatic mapping off and no file is refused', async ({ page }) => {
  await signIn(page, grace);
  const wizard = new Wizard(page, KINDS.verizon);
  await wizard.begin();
  await wizard.acceptTerms();
  await wizard.login(account);
  await page.getByRole('switch', { name: 'Automatic user mapping' }).click();
  await wizard.next();
  await expect(wizard.problem.first()).toContainText(
    'Turn on automatic mapping or upload a file. Nothing can be imported otherwise.',
  );
});
