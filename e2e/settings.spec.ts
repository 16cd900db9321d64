/** A connector's *Settings*: renamed, its login replaced and validated line by line, its hour chosen; *History* shows who did it. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import pg from 'pg';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { MappingPages } from './pages/mapping.ts';
import { isPicturedEverywhere } from './pages/pictures.ts';
import { clearFaults, grantConsent, limitToMailboxes, refusePassword, withdrawConsent } from './sandbox.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, lena, ingrid, tomasz, account, domain } = ALDER_BYRNE;
const NEW_NAME = 'Desk phones';

// History shows what the tests before it did.
test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});

test.afterAll(async () => {
  await clearFaults();
  await grantConsent(domain);
  // Whatever broke above, other tests look for it by its name.
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  const names = [NEW_NAME, 'Desk of Grace', 'Desk of Lena'];
  await client.query('UPDATE connector SET name = $1 WHERE name = ANY ($2)', [SHOWN.name, names]);
  await client.end();
});

const section = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const save = (page: Page, title: string): Locator => page.getByRole('button', { name: `Save: ${title}` });

test('a name is changed for everybody at once', async ({ page, browser }) => {
  const theirs = await (await browser.newContext()).newPage();
  await new ConnectorPages(theirs).open(tomasz, SHOWN.name);
  const connector = new ConnectorPages(page);
  await connector.open(grace, SHOWN.name);
  await connector.tab('Settings');

  const name = page.getByLabel('Name of the connector');
  await expect(name).toHaveValue(SHOWN.name);
  await name.fill(' ');
  await save(page, 'Name').click();
  await expect(section(page, 'Name').getByRole('alert')).toContainText('Enter a name of 1 to 80 characters');
  await name.fill(NEW_NAME);
  await save(page, 'Name').click();
  await expect(section(page, 'Name').getByRole('status')).toHaveText(`The connector is called ${NEW_NAME}.`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(NEW_NAME);
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText(NEW_NAME);
  await theirs.context().close();

  await name.fill(SHOWN.name);
  await save(page, 'Name').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(SHOWN.name);
});

test('the connection is validated with a wrong and with the right password, each test a line', async ({ page }) => {
  const connector = new ConnectorPages(page);
  await connector.open(grace, SHOWN.name);
  await connector.tab('Settings');
  const login = section(page, 'TeleMessage login');
  const lines = page.getByRole('list', { name: 'Tests of the connection' }).getByRole('listitem');
  await expect(login).toContainText(`Account: ${account.name}`);
  await expect(login.getByLabel('Password')).toHaveValue('');

  await test.step('TeleMessage refuses the stored password: once', async () => {
    await refusePassword();
    await withdrawConsent(domain);
    await login.getByRole('button', { name: 'Validate connection' }).click();
    await expect(login.getByRole('status').last()).toHaveText('1 of 7 tests passed.', { timeout: 60_000 });
    await expect(lines).toHaveText([
      /^TeleMessage answers: Passed\. The host answers over TLSv1\.\d\.$/,
      /^Sign-in: Failed\. TeleMessage didn't accept this username or password\. Enter the new password above\.$/,
      /^Service ordered: Waiting\. Tested as soon as the one above has passed\.$/,
      /^Feed: Waiting\. Tested as soon as the one above has passed\.$/,
      /^Admin consent: Waiting\. User\.Read\.All and Mail\.ReadWrite are not granted yet\./,
      /^Directory: Waiting\./,
      /^Mailbox: Waiting\./,
    ]);
    await isAccessible(page, 'settings, connection that fails');
    await login.getByRole('button', { name: 'Validate again' }).click();
    await expect(lines.nth(1)).toContainText('It is not tried again, because five wrong ones lock the account.');
    await grantConsent(domain);
  });

  await test.step('a wrong password is not stored', async () => {
    await login.getByLabel('Password').fill('not-the-password');
    await save(page, 'TeleMessage login').click();
    await expect(login.getByRole('alert')).toContainText("TeleMessage didn't accept this username or password.");
  });

  await test.step('the right one is, and is never shown again', async () => {
    await login.getByLabel('Password').fill(account.password);
    await save(page, 'TeleMessage login').click();
    await expect(login.getByRole('status').first()).toHaveText(/TeleMessage accepted it/);
    await expect(login.getByLabel('Password')).toHaveValue('');
    expect(await page.content()).not.toContain(account.password);
  });

  await test.step('everything passes', async () => {
    await login.getByRole('button', { name: /^Validate/ }).click();
    await expect(login.getByRole('status').last()).toHaveText('Everything passed.', { timeout: 60_000 });
    await expect(lines).toHaveText([
      /^TeleMessage answers: Passed\./,
      /^Sign-in: Passed\. TeleMessage accepts the login of Alder & Byrne\.$/,
      /^Service ordered: Passed\./,
      /^Feed: Passed\. TeleMessage has settled everything through \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/,
      /^Admin consent: Passed\. The token carries what is needed\.$/,
      /^Directory: Passed\. Users can be found\.$/,
      /^Mailbox: Passed\. A mailbox answers\.$/,
    ]);
    await isAccessible(page, 'settings, connection that works');
  });
});

test('the hour of the daily import is chosen, and left to the portal again', async ({ page }) => {
  const connector = new ConnectorPages(page);
  await connector.open(grace, SHOWN.name);
  await connector.tab('Settings');
  const schedule = section(page, 'Schedule');
  const hour = schedule.getByLabel('The daily import starts at');
  // By itself it is in the first four hours.
  const chosen = (await hour.locator('option').nth(19).textContent()) ?? '';
  expect(chosen).toMatch(/^18:\d\d UTC$/);
  await hour.selectOption({ label: chosen });
  await save(page, 'Schedule').click();
  await expect(schedule.getByRole('status')).toContainText(`The daily import starts at ${chosen}.`);
  await expect(schedule.locator('time')).toHaveText(new RegExp(`${chosen}$`));
  await page.reload();
  await expect(hour).toHaveValue('18');
  await hour.selectOption('');
  await save(page, 'Schedule').click();
  await expect(schedule.getByRole('status')).toContainText('The daily import starts at');
  await expect(schedule.locator('time')).not.toHaveText(new RegExp(`${chosen}$`));
});

test('two tabs: the second is told who was first and what is in force, and loses nothing of what was typed', async ({
  page,
  browser,
}) => {
  const mine = new ConnectorPages(page);
  await mine.open(grace, SHOWN.name);
  await mine.tab('Settings');
  const context = await browser.newContext();
  const theirs = new ConnectorPages(await context.newPage());
  await theirs.open(lena, SHOWN.name);
  await theirs.tab('Settings');
  const nameIn = (one: Page) => one.getByLabel('Name of the connector');
  const hourIn = (one: Page) => one.getByLabel('The daily import starts at');

  await nameIn(page).fill('Desk of Grace');
  await hourIn(page).selectOption('7');
  await nameIn(theirs.page).fill('Desk of Lena');
  await save(theirs.page, 'Name').click();
  await expect(theirs.page.getByRole('heading', { level: 1 })).toHaveText('Desk of Lena');
  await hourIn(theirs.page).selectOption('5');
  await save(theirs.page, 'Schedule').click();
  await expect(section(theirs.page, 'Schedule').getByRole('status')).toContainText('The daily import starts at 05:');

  await save(page, 'Name').click();
  const told = section(page, 'Name').getByRole('alert');
  await expect(told).toContainText(`${lena.name} changed this meanwhile. The connector is called Desk of Lena now.`);
  await expect(nameIn(page)).toHaveValue('Desk of Grace');
  await save(page, 'Schedule').click();
  await expect(section(page, 'Schedule').getByRole('alert')).toContainText(/changed this meanwhile\. .* 05:\d\d UTC/);
  await expect(hourIn(page)).toHaveValue('7');
  await isAccessible(page, 'settings, changed meanwhile');
  // Looked at, and saved again.
  await save(page, 'Name').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Desk of Grace');
  await save(page, 'Schedule').click();
  await expect(section(page, 'Schedule').getByRole('status')).toContainText('The daily import starts at 07:');

  // Whoever has chosen nothing sees what is in force when the page is read again.
  await nameIn(theirs.page).fill(SHOWN.name);
  await save(theirs.page, 'Name').click();
  await expect(theirs.page.getByRole('heading', { level: 1 })).toHaveText(SHOWN.name);
  await expect(hourIn(theirs.page)).toHaveValue('7');
  await context.close();
  await hourIn(page).selectOption('');
  await save(page, 'Schedule').click();
  await expect(section(page, 'Schedule').getByRole('status')).toContainText('The daily import starts at');
});

test('another default region is proposed, looked at, and in force when it is applied with a reason', async ({
  page,
}) => {
  const connector = new ConnectorPages(page);
  await connector.open(grace, SHOWN.name);
  const mapping = new MappingPages(page);
  const change = async (to: string, from: string): Promise<void> => {
    await connector.tab('Settings');
    const rules = section(page, 'User mapping rules');
    await expect(rules.getByLabel('Default region')).toHaveValue(from === 'United States' ? 'US' : 'GB');
    await expect(rules.getByRole('switch', { name: 'Automatic user mapping' })).toBeChecked();
    await rules.getByLabel('Default region').selectOption({ label: to });
    await page.getByRole('button', { name: 'Review the change: User mapping rules' }).click();
    const changes = mapping.block('What changes');
    await expect(changes).toContainText(`The default region is ${to} in place of ${from}.`);
    await expect(mapping.effect).toContainText('What is archived already stays where it is.');
  };
  await change('United Kingdom', 'United States');
  await isAccessible(page, 'another rule');
  await mapping.applyButton.click();
  await expect(mapping.effect).toContainText('Say why, in 3 to 1,000 characters.');
  await mapping.effect.getByLabel('Why?').fill('The phones moved to London.');
  await mapping.applyButton.click();
  await expect(page.getByText(/^Version \d+ is in force\./)).toBeVisible();
  await expect(mapping.block('Version in force')).toContainText('Default regionUnited Kingdom');
  await connector.tab('History');
  await expect(page.getByText(/put mapping version \d+ in force: default region GB\./).first()).toBeVisible();
  await change('United States', 'United Kingdom');
  await mapping.effect.getByLabel('Why?').fill('They moved back.');
  await mapping.applyButton.click();
  await expect(mapping.block('Version in force')).toContainText('Default regionUnited States');
});

test('the connector is limited to chosen mailboxes by their proof, and let free again', async ({ page }) => {
  const connector = new ConnectorPages(page);
  await connector.open(grace, SHOWN.name);
  await connector.tab('Settings');
  const part = section(page, 'Which mailboxes');
  await expect(part).toContainText('All mailboxes of the organization.');
  await part.getByRole('button', { name: 'Change or check again' }).click();
  const check = (name: string): Locator => part.getByRole('listitem').filter({ hasText: new RegExp(`^${name}:`) });
  await expect(check('Directory')).toContainText('Passed.');

  await part.getByRole('radio', { name: /^Only chosen mailboxes/ }).check();
  await expect(check('Consent')).toContainText('Failed. Mail is granted for all mailboxes');
  await expect(part.getByText(/^New-ServicePrincipal -AppId '[0-9a-f-]{36}' -ObjectId '[0-9a-f-]{36}'/)).toBeVisible();
  await isAccessible(page, 'settings, chosen mailboxes');
  await isPicturedEverywhere(page, 'settings, chosen mailboxes', part);
  const limit = part.getByRole('button', { name: /^Check and limit/ });
  await limit.click();
  await expect(part.getByRole('alert')).toContainText('Nothing was changed. Each check below must pass first.');

  await limitToMailboxes(domain, [ingrid.address]);
  await part.getByLabel('A mailbox inside the scope').fill(ingrid.address);
  await part.getByLabel('A mailbox outside the scope').fill(lena.address);
  await limit.click();
  await expect(part.getByRole('status').last()).toHaveText('The portal opens chosen mailboxes only.');
  await expect(part).toContainText(`Only chosen mailboxes: ${ingrid.address} opened when it was checked`);
  for (const name of ['Consent', 'Directory', 'Inside the scope', 'Outside the scope'])
    await expect(check(name)).toContainText('Passed');
  await isPicturedEverywhere(page, 'settings, limited', part);

  await part.getByRole('radio', { name: /^All mailboxes/ }).check();
  await expect(check('Consent')).toContainText('Waiting. Mail.ReadWrite is not granted yet.');
  await grantConsent(domain);
  await part.getByRole('button', { name: /^Check and open all mailboxes/ }).click();
  await expect(part.getByRole('status').last()).toHaveText('The portal may open all mailboxes.');
  await expect(part).toContainText('All mailboxes of the organization.');
});

test('history says who did it, with before and after, by person and kind', async ({ page }) => {
  const connector = new ConnectorPages(page);
  await connector.open(ingrid, SHOWN.name);
  await connector.tab('History');
  const rows = page.getByRole('table', { name: 'History' }).getByRole('row');
  await page.getByLabel('What', { exact: true }).selectOption('Settings');
  await expect(page).toHaveURL(/kind=settings/);
  await expect(
    rows.filter({ hasText: `${grace.name} renamed the connector from ${SHOWN.name} to ${NEW_NAME}.` }).first(),
  ).toBeVisible();
  await expect(rows.filter({ hasText: `${grace.name} replaced the password at TeleMessage.` }).first()).toBeVisible();
  await expect(
    rows.filter({ hasText: /moved the daily import from \d\d:\d\d UTC to 18:\d\d UTC/ }).first(),
  ).toBeVisible();
  const limited = `limited the connector to chosen mailboxes: ${ingrid.address} could be written to, ${lena.address} was refused.`;
  await expect(rows.filter({ hasText: limited }).first()).toBeVisible();
  await expect(rows.filter({ hasText: 'finished the set-up' })).toHaveCount(0);
  await isAccessible(page, 'history');

  const renamed = rows.filter({ hasText: `to ${NEW_NAME}.` }).first();
  await renamed.getByRole('button', { name: /^Details: / }).click();
  const dialog = connector.dialog(/renamed the connector/);
  await expect(dialog).toContainText(`Before${SHOWN.name}`);
  await expect(dialog).toContainText(`After${NEW_NAME}`);
  await isAccessible(page, 'history, details');
  await dialog.getByRole('button', { name: 'Close' }).click();

  await page.getByLabel('What', { exact: true }).selectOption('Anything');
  await expect(rows.filter({ hasText: 'finished the set-up' })).toHaveCount(1);
  await page.getByLabel('Who', { exact: true }).selectOption({ label: grace.name });
  await expect(page).toHaveURL(/person=[\w-]{36}/);
  await expect(page.getByLabel('What', { exact: true })).toHaveValue('');
  await expect(rows.filter({ hasText: 'finished the set-up' })).toHaveCount(1);
  // The header is a row, too.
  await expect(rows.filter({ hasNotText: grace.name })).toHaveCount(1);
});

test('a validation that fails by a fault of the portal names the reference that is in its log', async ({ page }) => {
  const connector = new ConnectorPages(page);
  await connector.open(grace, SHOWN.name);
  await connector.tab('Settings');
  await page.route('**/validation', (route) =>
    route.fulfill({ status: 200, body: '{"failed":{"reference":"7F3A22B1"}}\n', contentType: 'application/x-ndjson' }),
  );
  await page.getByRole('button', { name: 'Validate connection' }).click();
  await expect(section(page, 'TeleMessage login').getByRole('alert')).toHaveText(
    "That didn't work. Nothing changed. Reference 7F3A22B1.",
  );
});

test('a reader sees values, no controls, and no history', async ({ page }) => {
  const connector = new ConnectorPages(page);
  await connector.open(tomasz, SHOWN.name);
  await connector.tab('Settings');
  await expect(section(page, 'Name')).toContainText(SHOWN.name);
  await expect(section(page, 'TeleMessage login')).toContainText(account.name);
  await expect(section(page, 'Schedule')).toContainText(/The daily import starts at \d\d:\d\d UTC/);
  await expect(section(page, 'Which mailboxes')).toContainText('All mailboxes of the organization.');
  await expect(page.getByRole('button', { name: /Save|Validate|Delete|Pause|Change or check/ })).toHaveCount(0);
  await expect(page.getByText(account.username)).toHaveCount(0);
  await expect(page.getByRole('navigation', { name: 'Connector' }).getByRole('link', { name: 'History' })).toHaveCount(
    0,
  );
  const address = new URL(page.url()).pathname.replace('/settings', '');
  const id = address.split('/').at(-1);
  expect((await page.request.post(`/api/connectors/${id}/validation`)).status()).toBe(403);
  await page.goto(`${address}/history`);
  await expect(page.getByRole('heading', { name: 'You have no role here yet' })).toBeHidden();
  await expect(page.getByRole('table', { name: 'History' })).toHaveCount(0);
});
