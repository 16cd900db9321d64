/** Notifications: an address is set and tested, a condition arises and ends, and each comes as a mail, once. */
import { expect, type Page, test } from '@playwright/test';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { sandboxUrl } from './sandbox.ts';
import { stopConnector } from './stop-connector.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, tomasz, account } = ALDER_BYRNE;
const PEOPLE = 'archive-operations@alderbyrne.example';

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});

/** Mails and calls on the sandbox's page whose heading says this. */
async function caught(page: Page, heading: string): Promise<number> {
  await page.goto(sandboxUrl('/sent'));
  return page.getByRole('heading', { level: 3, name: heading, exact: true }).count();
}

test('an administrator names an address, tests it, and is told of a refused password and of its end', async ({
  page,
  context,
}) => {
  test.setTimeout(300_000);
  const sandbox = await context.newPage();
  const pages = new ConnectorPages(page);
  await pages.open(grace, SHOWN.name);
  await pages.tab('Settings');
  const section = page.getByRole('region', { name: 'Notifications' });
  await expect(section).toContainText('Nobody is told by e-mail.');

  await section.getByRole('button', { name: 'Change notifications' }).click();
  const dialog = pages.dialog('Change notifications');
  await dialog.getByLabel('E-mail addresses').fill('nobody');
  await dialog.getByLabel('Tell when more copies than this wait for mapping').fill('100000');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('“nobody” is not an e-mail address.');
  await isAccessible(page, 'notifications dialog');
  await dialog.getByLabel('E-mail addresses').fill(PEOPLE);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(section.getByRole('listitem').filter({ hasText: PEOPLE })).toBeVisible();

  await section.getByRole('button', { name: 'Send a test' }).click();
  await expect(section.getByText(/Accepted\. 250 /)).toBeVisible();
  await expect.poll(() => caught(sandbox, `Test notice: ${SHOWN.name}`)).toBe(1);

  await stopConnector(SHOWN.name);
  await expect.poll(() => caught(sandbox, `Credentials refused: ${SHOWN.name}`), { timeout: 150_000 }).toBe(1);
  const mail = sandbox.getByRole('article', { name: `Credentials refused: ${SHOWN.name}`, exact: true });
  await expect(mail).toContainText(PEOPLE);
  await expect(mail).toContainText('TeleMessage does not accept the username or password.');
  await isAccessible(sandbox, 'sandbox sent mail');

  // The database was changed behind the portal's back: no event tells the page.
  await page.reload();
  await hydrated(page);
  await page.getByRole('button', { name: 'Update password' }).click();
  const password = page.getByRole('dialog', { name: 'Update password' });
  await password.getByLabel('Password').fill(account.password);
  await password.getByRole('button', { name: 'Save' }).click();
  await expect(password).toBeHidden();
  const recovery = `Recovered: Credentials refused: ${SHOWN.name}`;
  await expect.poll(() => caught(sandbox, recovery), { timeout: 150_000 }).toBe(1);
  expect(await caught(sandbox, `Credentials refused: ${SHOWN.name}`)).toBe(1);

  await page.reload();
  await expect(section.getByRole('table', { name: 'Latest notices' })).toContainText('Recovered: Credentials refused');
  await isAccessible(page, 'notifications');
});

test('a webhook goes only to an allowed host, shows its secret once, and is signed; a reader only looks', async ({
  page,
  context,
}) => {
  const sandbox = await context.newPage();
  const pages = new ConnectorPages(page);
  await pages.open(grace, SHOWN.name);
  await pages.tab('Settings');
  const section = page.getByRole('region', { name: 'Notifications' });
  await section.getByRole('button', { name: 'Set webhook' }).click();
  const dialog = pages.dialog('Set a webhook?');
  await dialog.getByLabel('Address (https)').fill('https://elsewhere.example/hook');
  await dialog.getByRole('button', { name: 'Set webhook' }).click();
  await expect(dialog.getByRole('alert')).toContainText('The operator does not allow this host.');
  const hint = (await dialog.getByText(/The operator allows these hosts/).textContent()) ?? '';
  const host = /localhost:\d+/.exec(hint)?.[0] ?? '';
  await dialog.getByLabel('Address (https)').fill(`https://${host}/chat/notices`);
  await dialog.getByRole('button', { name: 'Set webhook' }).click();
  await expect(section.getByText(/^whsec_/)).toBeVisible();
  await isAccessible(page, 'notifications with a secret');
  await section.getByRole('button', { name: 'I have copied it' }).click();
  await expect(section.getByText(/whsec_/)).toBeHidden();

  await section.getByRole('button', { name: 'Send a test' }).click();
  await expect(section.getByText(/Accepted\. HTTP 200/)).toBeVisible();
  expect(await caught(sandbox, 'POST /chat/notices')).toBe(1);
  const call = sandbox.getByRole('article', { name: 'POST /chat/notices' });
  await call.getByText('Headers').click();
  await expect(call).toContainText('webhook-signature');

  await page.context().clearCookies();
  await pages.open(tomasz, SHOWN.name);
  await pages.tab('Settings');
  await expect(section).toContainText(host);
  await expect(section.getByRole('button')).toHaveCount(0);
});
