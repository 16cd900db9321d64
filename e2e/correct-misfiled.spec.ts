/** A number's messages are in the wrong mailbox: an administrator finds them, has them copied, sees the list, and removes them. */
import { expect, type Page, test } from '@playwright/test';
import pg from 'pg';
import { isAccessible } from './pages/accessible.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { PERSONNEL, tokenOf } from './pages/program.ts';
import { signIn } from './pages/sign-in.ts';
import { sandboxUrl } from './sandbox.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, lena, tomasz, victor } = ALDER_BYRNE;

let database: pg.Pool;
let connectorId: string;
test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
  database = new pg.Pool({ connectionString: process.env.E2E_DATABASE_URL, max: 2 });
  const { rows } = await database.query<{ id: string }>(
    `SELECT id FROM connector WHERE kind = $1 AND status = 'live'`,
    [SHOWN.slug],
  );
  connectorId = rows[0]?.id ?? '';
});
test.afterAll(() => database.end());

interface Misfiled {
  readonly number: string;
  readonly mailbox: string;
  readonly copies: number;
  readonly messages: number;
}

/** Somebody with a few copies, none of which another person shares, once everything is in its mailbox. */
async function somebody(): Promise<Misfiled> {
  const unsettled = `SELECT count(*)::int AS count FROM import i WHERE i.connector_id = $1 AND (i.phase <> 'completed'
    OR EXISTS (SELECT 1 FROM delivery d WHERE d.import_id = i.id AND d.state IN ('pending', 'sending', 'created')))`;
  const imported = `SELECT count(*)::int AS count FROM import WHERE connector_id = $1 AND phase = 'completed'`;
  const count = async (sql: string) => (await database.query<{ count: number }>(sql, [connectorId])).rows[0]?.count;
  await expect.poll(() => count(imported), { timeout: 120_000 }).toBeGreaterThan(0);
  await expect.poll(() => count(unsettled), { timeout: 120_000 }).toBe(0);
  const { rows } = await database.query<Misfiled>(
    `SELECT d.number, d.mailbox_address AS mailbox, count(*)::int AS copies,
       (count(*) FILTER (WHERE d.state <> 'skipped'))::int AS messages
     FROM delivery d WHERE d.connector_id = $1 AND d.number IS NOT NULL AND d.state IN ('imported', 'skipped')
       AND d.mailbox_address <> ALL ($2) AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.archived_at = d.archived_at
         AND o.item_id = d.item_id AND o.mailbox_address = $3)
     GROUP BY 1, 2 HAVING count(*) BETWEEN 2 AND 200 ORDER BY count(*), 1 LIMIT 1`,
    [connectorId, [lena.address, victor.address], lena.address],
  );
  const [found] = rows;
  if (!found) {
    const { rows: all } = await database.query<{ line: string }>(
      `SELECT concat_ws(' ', state, reason, count(*), count(DISTINCT number)) AS line FROM delivery
       WHERE connector_id = $1 GROUP BY state, reason`,
      [connectorId],
    );
    throw new Error(`nobody has a few copies among ${all.map(({ line }) => line).join(', ')}`);
  }
  return found;
}

/** A program brings a row of the mapping, as if the number's mailbox had been another one all the time. */
async function mapTo({ request }: Page, number: string, mailbox: string): Promise<void> {
  const answered = await request.put(`/api/v1/connectors/${connectorId}/mapping?mode=add&name=corrected.csv`, {
    data: `ExternalUserId,O365UserMailbox\n${number},${mailbox}\n`,
    headers: { 'content-type': 'text/csv', authorization: `Bearer ${await tokenOf(PERSONNEL)}` },
  });
  expect(await answered.json()).toMatchObject({ status: 'applied' });
}

const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Whether a mailbox's folder has a message of this second. */
async function holds(page: Page, mailbox: string, time: string): Promise<boolean> {
  await page.goto(sandboxUrl(`/mailboxes/${mailbox}?${new URLSearchParams({ folder: SHOWN.name })}`));
  const link = page.locator('ul.messages a').filter({ has: page.locator(`time[datetime^="${time.slice(0, 19)}"]`) });
  const older = page.getByRole('link', { name: 'Older' });
  while ((await link.count()) === 0) {
    const next = (await older.count()) > 0 ? await older.getAttribute('href') : null;
    if (next === null) return false;
    await page.goto(sandboxUrl(next));
  }
  return true;
}

test('messages of a number go to the right mailbox, are verified, and leave the wrong one', async ({
  page,
  context,
}) => {
  test.setTimeout(400_000);
  const { number, mailbox, copies, messages } = await somebody();
  await mapTo(page, number, lena.address);

  await signIn(page, grace, `/connectors/${connectorId}/mapping`);
  await page.getByRole('link', { name: 'Find misfiled messages' }).click();
  await page.waitForURL('**/mapping/correct');
  await expect(page.getByRole('heading', { name: 'Correct misfiled messages', level: 2 })).toBeVisible();
  await hydrated(page);
  await isAccessible(page, 'correct misfiled messages');

  await test.step('what is wrong with the form is said', async () => {
    await page.getByRole('button', { name: 'Find copies' }).click();
    await expect(page.getByRole('main').getByRole('alert')).toContainText('Enter a first and a last day');
    await page.getByLabel('First day (UTC)').fill(day(-40));
    await page.getByLabel('Last day (UTC)').fill(day(1));
    await page.getByLabel('Why?').fill('The file had two numbers mixed up.');
    await page.getByLabel('Number').fill('not a number');
    await page.getByRole('button', { name: 'Find copies' }).click();
    await expect(page.getByRole('main').getByRole('alert')).toContainText('This is not a number');
  });

  await page.getByLabel('Number').fill(number);
  await page.getByRole('button', { name: 'Find copies' }).click();
  await expect(page.getByRole('heading', { name: `Messages of ${number}` })).toBeVisible();
  const status = page.getByRole('region', { name: `Messages of ${number}` }).getByRole('status');
  await expect(status.first()).toContainText(`${copies} copies are in a wrong mailbox.`, { timeout: 60_000 });
  const groups = page.getByRole('table', { name: 'Copies by mailbox' });
  await expect(groups).toContainText(mailbox);
  await expect(groups).toContainText(lena.address);
  await isAccessible(page, 'misfiled copies that were found');

  await page.getByRole('button', { name: `Copy ${copies} messages` }).click();
  const copying = page.getByRole('dialog', { name: /to the right mailboxes\?$/ });
  await expect(copying).toContainText('stays there until you have seen the result');
  await copying.getByRole('button', { name: `Copy ${copies} messages` }).click();
  // By itself: the page is not loaded again.
  await expect(status.first()).toContainText('verified in the right ones, and can be removed.', { timeout: 240_000 });
  const wrong = page.getByRole('table', { name: 'Messages in wrong mailboxes' });
  await expect(wrong.getByRole('row')).toHaveCount(messages + 1);
  const time = (await wrong.locator('time').first().getAttribute('datetime')) ?? '';
  const mailboxes = await context.newPage();
  expect(await holds(mailboxes, lena.address, time)).toBe(true);
  expect(await holds(mailboxes, mailbox, time)).toBe(true);

  const label = messages === 1 ? 'Remove 1 message' : `Remove ${messages} messages`;
  await page.getByRole('button', { name: label }).click();
  const removing = page.getByRole('dialog', { name: /from the wrong mailboxes\?$/ });
  await removing.getByRole('button', { name: label }).click();
  await expect(removing.getByRole('alert')).toContainText('The number is not the one above.');
  await isAccessible(page, 'removing misfiled messages');
  await removing.getByLabel(`Type ${messages} to confirm`).fill(String(messages));
  await removing.getByRole('button', { name: label }).click();
  await expect(status.first()).toContainText('This correction is over.', { timeout: 60_000 });
  expect(await holds(mailboxes, lena.address, time)).toBe(true);
  expect(await holds(mailboxes, mailbox, time)).toBe(false);

  await page.getByRole('link', { name: 'All corrections' }).click();
  await expect(page.getByRole('table', { name: 'Corrections' })).toContainText(number);
  // For the tests that come after this one.
  await mapTo(page, number, mailbox);
});

test('who may not manage the mapping sees none of it', async ({ page }) => {
  await signIn(page, tomasz, `/connectors/${connectorId}/mapping/correct`);
  await expect(page).toHaveURL(/\/missing-role\?permission=mapping\.manage/);
});
