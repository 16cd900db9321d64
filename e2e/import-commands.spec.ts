/** What people ask of imports: an original is opened, what failed is retried or signed off, an import is cancelled. */
import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { ConnectorPages } from './pages/connector.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { clearFaults, setMailbox, slowFeed } from './sandbox.ts';
import { ALDER_BYRNE } from './world.ts';

const { grace, ingrid, marcus, victor } = ALDER_BYRNE;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});
test.afterAll(() => clearFaults());

const FULL = 'The mailbox is full.';
const failed = (page: Page) => new ConnectorPages(page).reason(FULL);
/** The single ones of the reason that is open, without the heading. */
const lines = (page: Page) =>
  failed(page)
    .getByRole('row')
    .filter({ has: page.getByRole('cell') });

async function countOf(page: Page): Promise<number> {
  const [, count = ''] = /^([\d,]+) cop/.exec(((await failed(page).textContent()) ?? '').trim()) ?? [];
  return Number(count.replaceAll(',', ''));
}

test('what a full mailbox refused: its original is opened with a reason, one is signed off, the rest is retried', async ({
  browser,
}) => {
  const [viewer, auditor, admin] = await Promise.all([1, 2, 3].map(async () => (await browser.newContext()).newPage()));
  if (!viewer || !auditor || !admin) throw new Error('no pages');

  let row = '';
  await test.step('a ContentViewer saves the original of one, and cannot retry or sign off', async () => {
    await new ConnectorPages(viewer).open(marcus, SHOWN.name);
    await expect(failed(viewer)).toContainText(/cop(y|ies) failed\./);
    await expect(viewer.getByRole('button', { name: /^(Retry|Sign off)/ })).toHaveCount(0);
    await failed(viewer)
      .getByRole('link', { name: /^Show (it|them)/ })
      .click();
    await expect(viewer).toHaveURL(/\/not-imported\?kind=failed&reason=mailbox_full$/);
    await expect(lines(viewer)).toHaveCount(Math.min(await countOf(viewer), 50));
    await expect(lines(viewer).first()).toContainText(victor.address);
    await failed(viewer)
      .getByRole('button', { name: /^Download original of item/ })
      .first()
      .click();
    const dialog = viewer.getByRole('dialog', { name: 'Download original' });
    row = await dialog.locator('input[name=row]').inputValue();
    await dialog.getByLabel('Why do you open it?').fill('A case at court');
    const waiting = viewer.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download original' }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toMatch(/^original-.*\.eml$/);
    expect(await readFile(await download.path(), 'utf8')).toMatch(/^x-archive-item-id: /im);
    await expect(dialog).toBeHidden();
  });

  await test.step('it is never shown in the portal, and no other site gets it', async () => {
    const { origin, pathname } = new URL(viewer.url());
    const path = `/api${pathname.replace('/not-imported', '')}/original`;
    const form = { kind: 'failed', row, reason: 'The same' };
    const ours = await viewer.request.post(path, { form, headers: { origin } });
    expect(ours.status()).toBe(200);
    expect(ours.headers()).toMatchObject({
      'content-type': 'message/rfc822',
      'content-disposition': expect.stringMatching(/^attachment; filename="original-/),
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^default-src 'none';.*; sandbox$/),
    });
    const theirs = await viewer.request.post(path, { form, headers: { origin: 'https://evil.example' } });
    expect(theirs.status()).toBe(403);
  });

  await test.step('an Auditor is asked for the number before all of them are signed off', async () => {
    await new ConnectorPages(auditor).open(ingrid, SHOWN.name);
    await failed(auditor)
      .getByRole('button', { name: /^Sign off/ })
      .click();
    const dialog = auditor.getByRole('dialog', { name: /^Sign off/ });
    await expect(dialog).toContainText('They cannot be retried any more.');
    await dialog.getByLabel('Comment').fill('Nobody needs these.');
    await dialog.getByRole('button', { name: 'Sign off', exact: true }).click();
    await expect(dialog.getByRole('alert')).toContainText('The number is not the one above.');
    await dialog.getByRole('button', { name: 'Keep it as it is' }).click();
    await expect(dialog).toBeHidden();
  });

  await test.step('an Auditor signs a single one off, and the others stay', async () => {
    await failed(auditor)
      .getByRole('link', { name: /^Show (it|them)/ })
      .click();
    const before = await countOf(auditor);
    expect(before).toBeGreaterThan(1);
    // Who may see counts only sees enough of a number to tell two apart.
    await expect(lines(auditor).first()).toContainText(/\+\d•+\d{4}/);
    const one = lines(auditor)
      .first()
      .getByRole('button', { name: /^Sign off item/ });
    const item = ((await one.getAttribute('aria-label')) ?? '').replace('Sign off item ', '');
    await one.click();
    const dialog = auditor.getByRole('dialog', { name: 'Sign off 1 copy?' });
    await dialog.getByLabel('Comment').fill('He left before the service began.');
    await dialog.getByRole('button', { name: 'Sign off', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(auditor.getByText('1 one signed off.')).toBeVisible();
    await expect.poll(() => countOf(auditor)).toBe(before - 1);
    await expect(lines(auditor).filter({ hasText: item })).toHaveCount(0);
  });

  await test.step('an Admin retries one, and then the rest, and the copies are imported', async () => {
    await new ConnectorPages(admin).open(grace, SHOWN.name);
    await failed(admin)
      .getByRole('link', { name: /^Show (it|them)/ })
      .click();
    await expect(lines(admin).first()).toContainText(/\+\d{6}/);
    await setMailbox(victor.address, 'user');
    try {
      const before = await countOf(admin);
      await lines(admin)
        .first()
        .getByRole('button', { name: /^Retry item/ })
        .click();
      const confirm = (name: RegExp) =>
        admin.getByRole('dialog', { name }).getByRole('button', { name: 'Retry', exact: true }).click();
      await confirm(/^Retry 1 copy/);
      await expect(admin.getByText('1 copy on its way.')).toBeVisible();
      await expect(lines(admin)).toHaveCount(before - 1);
      // How many he had is the day's matter.
      if (before > 1) {
        await failed(admin)
          .getByRole('button', { name: /^Retry: / })
          .click();
        await confirm(/^Retry \d+/);
      }
      await expect(failed(admin)).toHaveCount(0, { timeout: 60_000 });
      await expect(admin.getByText('Nothing of this is left.')).toBeVisible();
    } finally {
      await setMailbox(victor.address, 'full');
    }
  });

  await test.step('a retry is offered only where it can change something', async () => {
    await admin.getByRole('link', { name: 'Summary', exact: true }).click();
    const waiting = new ConnectorPages(admin).reason('No mailbox is known for this number.');
    await expect(waiting).toBeVisible();
    await expect(waiting.getByRole('button', { name: /^Retry/ })).toHaveCount(0);
  });
  for (const page of [viewer, auditor, admin]) await page.context().close();
});

test('an import that somebody started is cancelled, and its window is imported again', async ({ page }) => {
  await new ConnectorPages(page).open(grace, SHOWN.name);
  await page.getByRole('link', { name: 'Imports', exact: true }).click();
  const table = page.getByRole('table', { name: 'Imports' });
  await slowFeed(20_000);
  await table.getByRole('button', { name: 'Import again: import 1' }).click();
  const again = page.getByRole('dialog', { name: /again\?$/ });
  await again.getByRole('button', { name: 'Import again' }).click();
  await expect(again).toBeHidden();

  const cancel = table.getByRole('button', { name: /^Cancel import/ }).first();
  const name = (await cancel.getAttribute('aria-label')) ?? '';
  await cancel.click();
  const dialog = page.getByRole('dialog', { name: `${name}?` });
  await expect(dialog).toContainText('The window stays open');
  await dialog.getByRole('button', { name: 'Cancel import' }).click();
  await expect(dialog).toBeHidden();
  await clearFaults();
  await expect(page.getByText('1 window is open, and not being imported.')).toBeVisible();
  await expect(page.getByText('Somebody cancelled an import. Its window stays open.')).toBeVisible();
  await page.getByRole('link', { name: 'Summary', exact: true }).click();
  const alerts = page.getByRole('region', { name: 'Needs you' });
  await expect(alerts).toContainText('Import the window again, or leave it to the next import.');
  await page.getByRole('link', { name: 'Imports', exact: true }).click();

  await table.getByRole('button', { name: 'Import again: import 1' }).click();
  await again.getByRole('button', { name: 'Import again' }).click();
  await expect(page.getByText('1 window is open, and not being imported.')).toBeHidden();
  await expect(page.getByText('Somebody cancelled an import. Its window stays open.')).toBeHidden();
  await expect(table.getByRole('button', { name: /^Cancel import/ })).toHaveCount(0, { timeout: 60_000 });
});

test('a past range is imported again, and nothing twice', async ({ page }) => {
  await new ConnectorPages(page).open(grace, SHOWN.name);
  await page.getByRole('link', { name: 'Imports', exact: true }).click();
  const rows = page.getByRole('table', { name: 'Imports' }).getByRole('row');
  await expect(rows.nth(1)).toContainText('Completed');
  // Late in the evening the first day of the first import may have nothing.
  const listed = rows.filter({ hasText: /[1-9][\d,]* from source/ });
  const day = /\d{4}-\d\d-\d\d/.exec((await listed.last().textContent()) ?? '')?.[0] ?? '';
  // by who started it: any import may count repeats
  const repeated = rows.filter({ hasText: /Started by\s*Repeat/ });
  const before = await repeated.count();

  await page.getByRole('button', { name: 'Import a past range' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import a past range again' });
  await dialog.getByRole('button', { name: 'Import a past range' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Enter a first and a last day');
  await dialog.getByLabel('First day (UTC)').fill(day);
  await dialog.getByLabel('Last day (UTC)').fill(day);
  await dialog.getByRole('button', { name: 'Import a past range' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/will be read again\./)).toBeVisible();
  await expect.poll(() => repeated.count(), { timeout: 60_000 }).toBeGreaterThan(before);
  // The newest stand first.
  const ours = async () => (await repeated.allTextContents()).slice(0, (await repeated.count()) - before);
  await expect
    .poll(async () => (await ours()).every((text) => text.includes('Completed')), { timeout: 60_000 })
    .toBe(true);
  // Whatever they list is there already.
  const said = await ours();
  for (const text of said) {
    expect(text).toMatch(
      /(?:([1-9][\d,]*) from source = 0 imported \+ \1 repeats?|\D0 from source = 0 imported)\. Balances\./,
    );
  }
  expect(said.some((text) => /[1-9][\d,]* from source/.test(text))).toBe(true);
});
