/** *Audit log*: an auditor searches it, reads an entry whole, exports it, and sees when it was changed. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { isAccessible } from './pages/accessible.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE } from './world.ts';

const { ingrid, grace, tomasz } = ALDER_BYRNE;

test('an auditor searches, reads and exports the audit log', async ({ page, browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
  await signIn(page, ingrid);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('heading', { name: 'Audit log', level: 1 })).toBeVisible();
  const log = page.getByRole('table', { name: 'Audit log' });
  await isAccessible(page, 'audit log');

  await test.step('search', async () => {
    const filters = page.getByRole('search', { name: 'Filters' });
    await filters.getByLabel('Who').fill('grace');
    await filters.getByRole('textbox', { name: 'On' }).fill(SHOWN.name);
    await filters.getByRole('button', { name: 'Search' }).click();
    await expect(page).toHaveURL(/who=grace&on=/);
    const row = log.getByRole('row').filter({ hasText: 'Finished the set-up. The connector went live.' });
    await expect(row.first()).toContainText(grace.name);
    await expect(row.first()).toContainText(SHOWN.name);
    await expect(row.first()).toContainText('Done');
    await row
      .first()
      .getByRole('button', { name: /^Details/ })
      .click();
  });

  await test.step('an entry whole', async () => {
    const panel = page.getByRole('dialog');
    await expect(panel.getByText('connector.finished')).toBeVisible();
    await expect(panel.locator('dd').filter({ hasText: /^[0-9a-f]{64}$/ })).toBeVisible();
    await expect(panel.locator('dd').filter({ hasText: /^(::1|(::ffff:)?127\.0\.0\.1)$/ })).toBeVisible();
    await isAccessible(page, 'audit entry');
    await panel.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('no match', async () => {
    await page.getByLabel('Who').fill('nobody at all');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page.getByText('No match.')).toBeVisible();
    await page.getByRole('link', { name: 'Clear filters' }).first().click();
    await expect(log).toBeVisible();
  });

  await test.step('export', async () => {
    await page.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: /JSON lines/ }).click();
    const file = await (await download).path();
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const entries = lines.map((line): { action?: string } => JSON.parse(line));
    expect(entries.map(({ action }) => action)).toContain('session.signed-in');
    expect(entries.at(-1)?.action).toBe('audit.exported');
    await page.reload();
    await expect(log.getByRole('row').filter({ hasText: 'Exported the audit log.' }).first()).toContainText(
      ingrid.name,
    );
  });
});

test('who may not read it is told so, and that is in it', async ({ page, browser }) => {
  await signIn(page, tomasz);
  await expect(page.getByRole('link', { name: 'Data connectors' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Audit log' })).toHaveCount(0);
  await page.goto('/audit-log');
  await expect(page).toHaveURL(/missing-role/);
  expect((await page.request.get('/api/audit-log')).status()).toBe(403);

  const auditor = await browser.newPage();
  await signIn(auditor, ingrid, '/audit-log?refused=1');
  const row = auditor.getByRole('row').filter({ hasText: tomasz.name });
  await expect(row.first()).toContainText('Refused');
  await auditor.close();
});

test('an entry that was altered is named', async ({ page }) => {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  const finding = { kind: 'altered', seq: '3', entryId: '88213', at: '2026-11-21T00:00:00.000Z' };
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM organization WHERE name LIKE '%Alder%' LIMIT 1`);
  const { rows: before } = await client.query(`SELECT * FROM audit_verification WHERE organization_id = $1`, [
    rows[0]?.id,
  ]);
  try {
    await client.query(
      `INSERT INTO audit_verification (organization_id, verified_at, through_seq, through_time, finding)
       VALUES ($1, now(), 2, now(), $2)
       ON CONFLICT (organization_id) DO UPDATE SET finding = excluded.finding`,
      [rows[0]?.id, finding],
    );
    await signIn(page, ingrid, '/audit-log');
    await expect(page.getByText("Entry 88213 was altered. Later entries can't be trusted.")).toBeVisible();
    await isAccessible(page, 'altered audit log');
  } finally {
    if (before.length === 0) {
      await client.query('DELETE FROM audit_verification WHERE organization_id = $1', [rows[0]?.id]);
    } else {
      await client.query('UPDATE audit_verification SET finding = NULL WHERE organization_id = $1', [rows[0]?.id]);
    }
    await client.end();
  }
});
