/** *Evidence*: an auditor finds the proof of an item by whatever is known of it; nobody else finds the page. */
import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import pg from 'pg';
import { isAccessible, isPictured } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, ingrid, dana } = ALDER_BYRNE;

interface Archived {
  readonly item: string;
  readonly number: string;
  readonly mailbox: string;
  readonly day: string;
  readonly sha256: string;
  readonly content_hash: string;
  readonly message_id: string;
  readonly import_number: number;
}

let archived: Archived;
test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  const { rows } = await client.query<Archived>(
    `SELECT i.source_item_id AS item, d.number, d.mailbox_address AS mailbox, to_char(d.archived_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
       encode(n.sha256, 'hex') AS sha256, encode(d.content_hash, 'hex') AS content_hash, d.message_id, m.number AS import_number
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
       JOIN item_identity n ON n.item_id = i.id JOIN import m ON m.id = d.import_id JOIN connector c ON c.id = d.connector_id
     WHERE c.name = $1 AND d.state = 'imported' AND d.content_hash IS NOT NULL AND d.number LIKE '+1%' LIMIT 1`,
    [SHOWN.name],
  );
  await client.end();
  const [row] = rows;
  if (row === undefined) throw new Error('nothing is imported');
  archived = row;
});

const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Person, number, item id or day' });
const items = (page: Page): Locator => page.getByRole('list', { name: 'Items, newest first' });
const timeline = (page: Page): Locator => page.getByRole('list', { name: `Proof of item ${archived.item}` });

async function openEvidence(page: Page): Promise<void> {
  await signIn(page, ingrid, '/data-connectors/connectors');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Evidence' }).click();
  await expect(page.getByRole('heading', { name: 'Find proof', level: 1 })).toBeVisible();
  await hydrated(page);
}

async function find(page: Page, what: string): Promise<void> {
  await box(page).fill(what);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page).toHaveURL(/[?&]q=/);
}

test('the proof of an item is one click away once its id is typed, two at most', async ({ page }) => {
  await openEvidence(page);
  await isAccessible(page, 'evidence, nothing searched for');
  await box(page).fill(archived.item);
  let clicks = 0;
  await page.getByRole('button', { name: 'Find' }).click();
  clicks += 1;
  await expect(timeline(page)).toBeVisible();
  expect(clicks).toBeLessThanOrEqual(2);

  for (const step of ['Reached TeleMessage', 'Window', 'Collected', 'Decided', 'Sent', 'Outcome', 'Later']) {
    await expect(timeline(page).getByRole('heading', { name: step, exact: true }).first()).toBeVisible();
  }
  await expect(timeline(page)).toContainText(archived.sha256);
  await expect(timeline(page)).toContainText(archived.content_hash);
  await expect(timeline(page)).toContainText(archived.message_id);
  await expect(timeline(page)).toContainText(archived.mailbox);
  await expect(timeline(page)).toContainText("By the User's email address at TeleMessage.");
  await expect(timeline(page)).toContainText('1 attempt, counted anew at each retry.');
  const who = timeline(page).getByText('Who can check it');
  await who.last().click();
  await expect(
    timeline(page)
      .getByText(/Whoever may read the mailbox/)
      .last(),
  ).toBeVisible();
  await isAccessible(page, 'evidence, proof of an item');

  await page.emulateMedia({ forcedColors: 'active' });
  await isPictured(page, 'evidence, proof of an item, forced colors');
  await page.emulateMedia({ forcedColors: 'none' });
  await page.setViewportSize({ width: 768, height: 1024 });
  await isPictured(page, 'evidence, proof of an item, 768 px');

  // All of it is in the address.
  await page.reload();
  await expect(timeline(page)).toBeVisible();
  await expect(box(page)).toHaveValue(archived.item);
  await timeline(page)
    .getByRole('link', { name: `Import ${archived.import_number} of ${SHOWN.name}` })
    .click();
  await expect(page.getByRole('table', { name: 'Imports' })).toBeVisible();
});

test('a number in any writing, a day and an import lead to the same item', async ({ page }) => {
  await openEvidence(page);
  const [, area, exchange, line] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(archived.number) ?? [];
  for (const written of [archived.number, `(${area}) ${exchange}-${line}`, `1 ${area}.${exchange}.${line}`]) {
    await find(page, written);
    await expect(page.getByRole('heading', { name: `Number ${archived.number}` })).toBeVisible();
    await expect(items(page)).toBeVisible();
  }
  await expect(page.getByText(/^\d+ copies:$/)).toBeVisible();
  await isAccessible(page, 'evidence, items of a number');
  const first = items(page).getByRole('link').first();
  await expect(first).toHaveAttribute('aria-expanded', 'false');
  await first.click();
  await expect(first).toHaveAttribute('aria-expanded', 'true');
  await expect(page.getByRole('list', { name: /^Proof of item/ })).toBeVisible();
  await page.goBack();
  await expect(first).toHaveAttribute('aria-expanded', 'false');

  await find(page, archived.day);
  await expect(page.getByRole('heading', { name: `Day ${archived.day} (UTC)` })).toBeVisible();
  await expect(page.getByText('Balances').first()).toBeVisible();
  await isAccessible(page, 'evidence, a day');

  await find(page, `import ${archived.import_number}`);
  const chosen = page.getByRole('heading', { name: `Import ${archived.import_number} of ${SHOWN.name}` });
  const which = page.getByRole('link', { name: `Import ${archived.import_number} of ${SHOWN.name}` });
  await expect(chosen.or(which)).toBeVisible();
  if (await which.isVisible()) await which.click();
  await expect(chosen).toBeVisible();
  await expect(items(page)).toBeVisible();
});

test('a person is found by name and by address; where several are meant, one is chosen', async ({ page }) => {
  await openEvidence(page);
  await find(page, archived.mailbox);
  await expect(items(page)).toBeVisible();
  await expect(items(page).getByText(archived.mailbox).first()).toBeVisible();
  await find(page, 'an');
  await expect(page.getByRole('heading', { name: 'Which one do you mean?' })).toBeVisible();
  await isAccessible(page, 'evidence, several meanings');
  await find(page, dana.name);
  // As soon as some connector has mapped the number, the name means a person as well.
  const reading = new RegExp(`${dana.name}, number \\${dana.mobile}`);
  const heading = page.getByRole('heading', { name: reading });
  const choice = page.getByRole('link', { name: reading });
  await expect(heading.or(choice)).toBeVisible();
  if (await choice.isVisible()) await choice.click();
  await expect(page.getByRole('heading', { name: new RegExp(`\\${dana.mobile}`) })).toBeVisible();
});

test('no match says what may be typed, and how to start again', async ({ page }) => {
  await openEvidence(page);
  await find(page, 'nothing-is-called-so');
  await expect(page.getByRole('heading', { name: 'No match.' })).toBeVisible();
  await expect(page.getByText(/Nothing in the books goes by “nothing-is-called-so”/)).toBeVisible();
  await isAccessible(page, 'evidence, no match');
  await page.getByRole('link', { name: 'Search for something else' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing is searched for yet.' })).toBeVisible();
  await expect(box(page)).toHaveValue('');
});

test('the keyboard alone is enough', async ({ page }) => {
  await openEvidence(page);
  await box(page).focus();
  await page.keyboard.type(archived.number);
  await page.keyboard.press('Enter');
  await expect(items(page)).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const first = items(page).getByRole('link').first();
  await expect(first).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(first).toHaveAttribute('aria-expanded', 'true');
  await expect(first).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByText('Who can check it').first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText(/Whoever has the item as TeleMessage lists it/)).toBeVisible();
});

test('imports and days lead to it, for who may see it', async ({ page, browser }) => {
  const pages = new ConnectorPages(page);
  await pages.open(ingrid, SHOWN.name);
  await pages.tab('Imports');
  await page.getByRole('link', { name: `Evidence of import ${archived.import_number}`, exact: true }).click();
  await expect(page.getByRole('heading', { name: `Import ${archived.import_number} of ${SHOWN.name}` })).toBeVisible();

  const other = await (await browser.newContext()).newPage();
  await signIn(other, grace, '/data-connectors/connectors');
  const main = other.getByRole('navigation', { name: 'Main' });
  await expect(main.getByRole('link', { name: 'Data connectors' })).toBeVisible();
  await expect(main.getByRole('link', { name: 'Evidence' })).toHaveCount(0);
  await other.goto(`/evidence?q=${encodeURIComponent(archived.item)}`);
  await expect(other).toHaveURL(/missing-role/);
  await expect(other.getByText(archived.sha256)).toHaveCount(0);
  await other.context().close();
});

test('an evidence package of a day is downloaded, and its list names every file of it', async ({ page }) => {
  await openEvidence(page);
  await find(page, archived.day);
  await page.getByRole('button', { name: 'Create evidence package' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create evidence package' });
  await expect(dialog.getByLabel('From day')).toHaveValue(archived.day);
  await isAccessible(page, 'evidence package');
  await dialog.getByLabel('To day').fill('2020-01-01');
  await dialog.getByRole('button', { name: 'Download' }).click();
  await expect(dialog.getByText('Choose two days, the first not after the last.')).toBeVisible();
  await dialog.getByLabel('To day').fill(archived.day);
  await dialog.getByLabel('Connector').selectOption(SHOWN.name);
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe(`evidence-${archived.day}-${archived.day}.zip`);
  const files = unzipSync(readFileSync(await file.path()));
  const text = (name: string): string => Buffer.from(files[name] ?? []).toString('utf8');
  expect(text('items.csv')).toContain(archived.item);
  expect(text('items.csv')).toContain(archived.content_hash);
  const listed = text('SHA256SUMS')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(66));
  expect([...listed, 'SHA256SUMS', 'SHA256SUMS.sig'].toSorted()).toEqual(Object.keys(files).toSorted());
  await expect(dialog).toBeHidden();
});
