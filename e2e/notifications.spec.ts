/** Notifications: an address is set and tested, a condition arises and ends, and each comes as a mail, once. */
import { expect, type Page, test } from '@playwright/test';
import pg from 'pg';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { isPicturedEverywhere } from './pages/pictures.ts';
import { sandboxUrl } from './sandbox.ts';
import { stopConnector } from './stop-connector.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, tomasz, account } = ALDER_BYRNE;
const PEOPLE = 'archive-operations@alderbyrne.example';

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});

async function inDatabase(statement: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  await client.query(statement, [...values]);
  await client.end();
}

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
  await section.getByRole('button', { name: 'Send a test' }).click();
  await expect(section).toContainText('A test was sent a moment ago. Try again in a minute.');
  expect(await caught(sandbox, `Test notice: ${SHOWN.name}`)).toBe(1);

  await stopConnector(SHOWN.name);
  await expect.poll(() => caught(sandbox, `Credentials refused: ${SHOWN.name}`), { timeout: 150_000 }).toBe(1);
  const mail = sandbox.getByRole('article', { name: `Credentials refused: ${SHOWN.name}`, exact: true });
  await expect(mail).toContainText(PEOPLE);
  await expect(mail).toContainText('TeleMessage does not accept the username or password.');
  await isAccessible(sandbox, 'sandbox sent mail');
  await isPicturedEverywhere(sandbox, 'sandbox sent mail');
  await mail.getByText('As HTML').click();
  const html = mail.locator('iframe');
  const shown = html.contentFrame();
  await expect(shown.getByRole('heading', { name: `Credentials refused: ${SHOWN.name}` })).toBeVisible();
  await expect(shown.getByRole('link', { name: 'Open the connector' })).toHaveAttribute('href', /\/connectors\//);
  // Where it is served from nothing may run, not even what looks at it.
  const alone = await context.newPage();
  const answer = await sandbox.request.get(sandboxUrl((await html.getAttribute('src')) ?? ''));
  await alone.setContent(await answer.text());
  await isAccessible(alone, 'mail as HTML');
  await isPicturedEverywhere(alone, 'mail as HTML');
  await alone.close();

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
  await isPicturedEverywhere(page, 'notifications', section);
});

test('a webhook goes only to an allowed host, shows its secret once, and is signed; a reader only looks', async ({
  page,
  context,
}) => {
  test.setTimeout(240_000);
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

  await section.getByRole('button', { name: 'Set heartbeat' }).click();
  const beat = pages.dialog('Set a heartbeat?');
  await beat.getByLabel('Address (https)').fill(`https://${host}/monitor/beat`);
  await beat.getByRole('button', { name: 'Set heartbeat' }).click();
  await expect(section.getByText('The heartbeat is set.')).toBeVisible();
  await expect(section).toContainText('A test also calls the heartbeat');

  const beats = await caught(sandbox, 'GET /monitor/beat');
  await inDatabase(`UPDATE notification_setting SET tested_at = NULL`);
  await section.getByRole('button', { name: 'Send a test' }).click();
  await expect(section.getByText(/Accepted\. HTTP 200/)).toHaveCount(2);
  expect(await caught(sandbox, 'POST /chat/notices')).toBe(1);
  expect(await caught(sandbox, 'GET /monitor/beat')).toBeGreaterThan(beats);
  const call = sandbox.getByRole('article', { name: 'POST /chat/notices' });
  await call.getByText('Headers').click();
  await expect(call).toContainText('webhook-signature');

  await page.context().clearCookies();
  await pages.open(tomasz, SHOWN.name);
  await pages.tab('Settings');
  await expect(section).toContainText(host);
  await expect(section.getByRole('button')).toHaveCount(0);
});

test('that notices do not get through is said where people look, with the answer to who can see to it', async ({
  page,
}) => {
  test.setTimeout(240_000);
  // As a mail server that has refused it for an hour leaves it.
  const late = 'b6f0a6a2-5a4e-4b6e-9d0f-6f0f3a6f9c11';
  await inDatabase(
    `INSERT INTO notice (id, organization_id, connector_ids, channel, target, kind, cause, content, attempts, answer,
       created_at, next_attempt_at)
     SELECT $2, organization_id, ARRAY[id], 'email', $3, 'mapping_changed', 'mapping_changed',
       jsonb_build_object('kind', 'bundle', 'items', jsonb_build_array(jsonb_build_object('kind', 'mapping_changed',
         'connector', jsonb_build_object('id', id, 'name', name), 'version', 1, 'rows', 1, 'at', '2026-11-26T06:00:00.000Z'))),
       5, '451 4.3.0 try again later', now() - interval '1 hour', now() + interval '1 hour'
     FROM connector WHERE name = $1 AND status = 'live'`,
    [SHOWN.name, late, PEOPLE],
  );
  try {
    const pages = new ConnectorPages(page);
    await pages.open(grace, SHOWN.name);
    await page.goto('/data-connectors/connectors');
    const said = page.getByRole('group').filter({ hasText: 'Notices can’t be delivered' });
    await expect(said).toContainText('1 notice waits by e-mail, the oldest since');
    await expect(said).toContainText('451 4.3.0 try again later');
    await isAccessible(page, 'connectors with notices that wait');
    await isPicturedEverywhere(page, 'connectors with notices that wait');
    await page.context().clearCookies();
    await pages.open(tomasz, SHOWN.name);
    await pages.tab('Settings');
    const section = page.getByRole('region', { name: 'Notifications' });
    await expect(section).toContainText('Notices can’t be delivered');
    await expect(section).toContainText('Not delivered yet, tried 5 times. It is tried on.');
    await expect(section).not.toContainText('451');
    await isPicturedEverywhere(page, 'notifications that wait', section);
  } finally {
    await inDatabase('DELETE FROM notice WHERE id = $1', [late]);
  }
});
