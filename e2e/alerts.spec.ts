/** Alerts that lead somewhere: a day that does not add up, and copies that are missing in their mailboxes. */
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { isPicturedEverywhere } from './pages/pictures.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, ingrid, tomasz } = ALDER_BYRNE;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});

async function inDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const SHOWN_CONNECTOR = `(SELECT id FROM connector WHERE name = $1 AND status = 'live')`;

/** As the worker leaves it: an alert about the first window of the oldest day. @returns the day */
const raiseDay = () =>
  inDatabase(async (client) => {
    const { rows } = await client.query<{ day: string }>(
      `WITH of AS (SELECT * FROM import_window WHERE connector_id = ${SHOWN_CONNECTOR} ORDER BY starts_at LIMIT 1)
       INSERT INTO alert (organization_id, connector_id, window_id, code)
       SELECT organization_id, connector_id, id, 'day_does_not_balance' FROM of
       RETURNING (SELECT to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM of) AS day`,
      [SHOWN.name],
    );
    return rows[0]?.day ?? '';
  });

/** As the sweep leaves it: two copies that it did not find. */
const loseCopies = () =>
  inDatabase(async (client) => {
    await client.query(
      `UPDATE delivery SET doubt = 1, reason = 'missing_in_mailbox' WHERE id IN (
         SELECT id FROM delivery WHERE state = 'imported' AND connector_id = ${SHOWN_CONNECTOR} ORDER BY id LIMIT 2)`,
      [SHOWN.name],
    );
    await client.query(
      `INSERT INTO alert (organization_id, connector_id, code)
       SELECT organization_id, id, 'missing_in_mailbox' FROM connector WHERE id = ${SHOWN_CONNECTOR}`,
      [SHOWN.name],
    );
  });

test('a day that does not add up is one click away from its alert', async ({ page }) => {
  const day = await raiseDay();
  try {
    await new ConnectorPages(page).open(grace, SHOWN.name);
    const alerts = page.getByRole('region', { name: 'Needs you' });
    await expect(alerts).toContainText('The numbers of a day do not add up.');
    await alerts.getByRole('link', { name: 'Show the numbers of the day' }).click();
    const rows = page.getByRole('table', { name: 'Days' }).getByRole('row');
    await expect(rows.nth(1)).toContainText(day);
    await expect(rows.nth(1)).toContainText(/ from source = .*Balances\..* copies available for import = .*Balances/s);

    await page.getByRole('link', { name: 'Newest', exact: true }).click();
    await expect(rows.nth(1)).toContainText('All days');
    await expect(rows.last()).toContainText(day);
    await page.getByRole('navigation', { name: 'View' }).getByRole('link', { name: 'By import' }).click();
    await expect(page.getByRole('table', { name: 'Imports' })).toBeVisible();
  } finally {
    await inDatabase((client) =>
      client.query(`UPDATE alert SET resolved_at = now() WHERE code = 'day_does_not_balance'`),
    );
  }
});

test('copies that are missing in their mailboxes are signed off one by one before their alert is closed', async ({
  page,
}) => {
  await loseCopies();
  const connector = new ConnectorPages(page);
  await connector.open(ingrid, SHOWN.name);
  const alerts = page.getByRole('region', { name: 'Needs you' });
  const close = async () => {
    await alerts.getByRole('button', { name: /^Close alert: The message was imported/ }).click();
    const dialog = connector.dialog('Close this alert?');
    await dialog.getByLabel('What did you find out, or decide?').fill('The owner deleted them.');
    await dialog.getByRole('button', { name: 'Close alert' }).click();
    return dialog;
  };
  const refused = await close();
  await expect(refused.getByRole('alert')).toContainText('have to be signed off first');
  await refused.getByRole('link', { name: 'Show the copies' }).click();

  const missing = connector
    .reason('are not in their mailboxes any more.')
    .or(connector.reason('is not in its mailbox'));
  const commands = missing.getByRole('button', { name: /^Sign off item/ });
  await expect(missing.getByRole('button', { name: /^Retry/ })).toHaveCount(0);
  for (const left of [2, 1]) {
    await expect(commands).toHaveCount(left);
    await commands.first().click();
    const dialog = connector.dialog('Sign off 1 copy?');
    await expect(dialog).toContainText('You accept that the mailbox does not hold them any more.');
    await dialog.getByLabel('Comment').fill('He deleted it on his last day.');
    await dialog.getByRole('button', { name: 'Sign off', exact: true }).click();
    await expect(dialog).toBeHidden();
  }
  await expect(commands).toHaveCount(0);

  await connector.tab('Summary');
  await close();
  await expect(alerts.getByText('The message was imported and is not in the mailbox any more.')).toBeHidden();
});

/** As a trigger leaves it: a copy that lacks its attachment since eight days. */
const holdForLong = () =>
  inDatabase((client) =>
    client.query(
      `INSERT INTO undone (connector_id, kind, archived_at, id, organization_id, source_id, import_id, item_id, reason)
       SELECT id, 'partial', now() - interval '8 days', 1, organization_id, source_id, gen_random_uuid(), 1, 'attachment_gone'
       FROM connector WHERE id = ${SHOWN_CONNECTOR}`,
      [SHOWN.name],
    ),
  );

test('what has not been imported for seven days is said on the first page of the connector, with where to look', async ({
  page,
}) => {
  await holdForLong();
  try {
    await new ConnectorPages(page).open(tomasz, SHOWN.name);
    const said = page.getByText(/copy or item has not been imported, or not wholly, for 7 days or longer\./);
    await expect(said).toContainText('The oldest reached TeleMessage at');
    await isAccessible(page, 'summary, kept for long');
    await isPicturedEverywhere(page, 'summary, kept for long');
    await said.getByRole('link', { name: 'Show what is not imported' }).click();
    await expect(page).toHaveURL(/\/not-imported$/);
    await expect(said).toContainText('Kept here until imported or signed off.');
    await isPicturedEverywhere(page, 'not imported, kept for long');
  } finally {
    await inDatabase((client) => client.query(`DELETE FROM undone WHERE id = 1 AND reason = 'attachment_gone'`));
  }
});
