/** A connector that is held since the database was restored: what its page says, and the one button that sets it going. */
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { isPicturedEverywhere } from './pages/pictures.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, tomasz } = ALDER_BYRNE;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});

const inDatabase = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  try {
    await client.query(sql, sql.includes('$1') ? [SHOWN.name] : []);
  } finally {
    await client.end();
  }
};

/** As a restore leaves it, of this one connector, and long ago: nothing that others import is looked for because of it. */
const holdConnector = () =>
  inDatabase(
    `WITH begun AS (
       INSERT INTO recovery (cause, since, found_at, doubtful_until)
       VALUES ('older', '2026-11-01T05:59:00Z', '2026-11-01T06:10:00Z', '2000-01-01') RETURNING id),
     held AS (
       UPDATE connector SET recovery_id = begun.id, paused_at = now(), paused_by = 'System' FROM begun
       WHERE name = $1 AND status = 'live' RETURNING connector.id, organization_id, recovery_id),
     noted AS (
       INSERT INTO recovery_connector (recovery_id, connector_id, organization_id, was_paused, lost_mapping)
       SELECT recovery_id, id, organization_id, false, 12 FROM held)
     INSERT INTO alert (organization_id, connector_id, code) SELECT organization_id, id, 'restored' FROM held`,
  );

/** As a worker does within a minute. */
const endRecovery = async (): Promise<void> => {
  await inDatabase(
    `UPDATE alert SET resolved_at = now() WHERE code IN ('restored', 'compare_stalls') AND resolved_at IS NULL`,
  );
  await inDatabase('UPDATE recovery_connector SET ended_at = now(), judged_at = now() WHERE judged_at IS NULL');
  await inDatabase('UPDATE recovery SET ended_at = now() WHERE ended_at IS NULL');
};

test('a restore is told, and imports go on when the mapping is confirmed', async ({ page, browser }) => {
  await holdConnector();
  await new ConnectorPages(page).open(grace, SHOWN.name);
  await expect(page.getByText('The database was restored. Imports wait for you.')).toBeVisible();
  await isAccessible(page, 'recovery');
  await isPicturedEverywhere(page, 'recovery');

  // After an hour without one mailbox more.
  await inDatabase(
    `INSERT INTO alert (organization_id, connector_id, code, detail)
     SELECT organization_id, id, 'compare_stalls', '{"mailboxes": 22, "addresses": "anna.lindqvist@alderbyrne.example, b@alderbyrne.example"}'
     FROM connector WHERE name = $1 AND status = 'live'`,
  );
  await page.reload();
  await expect(
    page.getByText('Mailboxes: anna.lindqvist@alderbyrne.example, b@alderbyrne.example and 20 more.'),
  ).toBeVisible();
  await isAccessible(page, 'recovery, stalled');
  await isPicturedEverywhere(page, 'recovery, stalled');

  const reader = await browser.newPage();
  await new ConnectorPages(reader).open(tomasz, SHOWN.name);
  await expect(reader.getByText('The database was restored. Imports wait for you.')).toBeVisible();
  await expect(reader.getByRole('button', { name: 'Confirm the mapping' })).toBeHidden();
  await reader.close();

  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText(/^The database was restored. Confirm the user mapping first/)).toBeVisible();

  await page.getByRole('button', { name: 'Confirm the mapping' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('You go on without version 12, which was in force before.');
  await expect(dialog).toContainText('nothing is sent that is in its mailbox already');
  await isAccessible(page, 'recovery, confirm');
  await dialog.getByRole('button', { name: 'Confirm the mapping' }).click();
  await expect(dialog).toBeHidden();
  // A worker lists the mailboxes first.
  await expect(page.getByRole('button', { name: 'Import now' })).toBeEnabled({ timeout: 90_000 });
  await endRecovery();
});

test('what a restore left in other mailboxes is listed where it is corrected', async ({ page }) => {
  // As recovery leaves it: a copy in a mailbox, of an item that nothing here knows.
  await inDatabase(
    `INSERT INTO recovery_copy (source_id, property, user_id, message_id, organization_id, recovery_id, source_item_id)
     SELECT c.source_id, 'of-another-life', '00000000-0000-4000-8000-00000000000e', 'message', c.organization_id, rc.recovery_id, 'x'
     FROM connector c JOIN recovery_connector rc ON rc.connector_id = c.id WHERE c.name = $1 AND c.status = 'live'`,
  );
  const connector = new ConnectorPages(page);
  await connector.open(grace, SHOWN.name);
  await page.goto(`${new URL(page.url()).pathname}/mapping/correct`);
  await expect(page.getByRole('heading', { name: 'Found after the restore' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Found after the restore' })).toContainText('Not known here');
  await isAccessible(page, 'found after a restore');
  await isPicturedEverywhere(page, 'found after a restore');
  await inDatabase('DELETE FROM recovery_copy');
});
