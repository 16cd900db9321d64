/** What people ask of imports: an original is opened, what failed is retried, an import is cancelled. */
import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { hydrated } from './pages/hydrated.ts';
import { signIn } from './pages/sign-in.ts';
import { clearFaults, setMailbox, slowFeed } from './sandbox.ts';
import { ALDER_BYRNE, type PersonOfTest } from './world.ts';

const { grace, ingrid, marcus, victor } = ALDER_BYRNE;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
});
test.afterAll(() => clearFaults());

async function openConnector(page: Page, person: PersonOfTest): Promise<void> {
  await signIn(page, person, '/data-connectors/connectors');
  await new ConnectorsTab(page).row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }).click();
  await expect(page.getByRole('heading', { name: SHOWN.name, level: 1 })).toBeVisible();
  await hydrated(page);
}

const failed = (page: Page) => page.getByRole('listitem').filter({ hasText: 'The mailbox is full.' });

test('what a full mailbox refused: its original is opened with a reason, and it is retried once there is room', async ({
  browser,
}) => {
  const [viewer, auditor, admin] = await Promise.all([1, 2, 3].map(async () => (await browser.newContext()).newPage()));
  if (!viewer || !auditor || !admin) throw new Error('no pages');

  let row = '';
  await test.step('a ContentViewer saves the original, and cannot retry or sign off', async () => {
    await openConnector(viewer, marcus);
    await expect(failed(viewer)).toContainText(/cop(y|ies) failed\./);
    await expect(viewer.getByRole('button', { name: /^(Retry|Sign off)/ })).toHaveCount(0);
    await failed(viewer).getByText('Originals').click();
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
    const [path, form] = [
      `/api${new URL(viewer.url()).pathname}/original`,
      { kind: 'failed', row, reason: 'The same' },
    ];
    const ours = await viewer.request.post(path, { form, headers: { origin: new URL(viewer.url()).origin } });
    expect(ours.status()).toBe(200);
    expect(ours.headers()).toMatchObject({
      'content-type': 'message/rfc822',
      'content-disposition': expect.stringMatching(/^attachment; filename="original-/),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    const theirs = await viewer.request.post(path, { form, headers: { origin: 'https://evil.example' } });
    expect(theirs.status()).toBe(403);
  });

  await test.step('an Auditor is asked for the number before anything is signed off', async () => {
    await openConnector(auditor, ingrid);
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

  await test.step('an Admin retries, and the copies are imported', async () => {
    await openConnector(admin, grace);
    await setMailbox(victor.address, 'user');
    try {
      await failed(admin)
        .getByRole('button', { name: /^Retry/ })
        .click();
      await admin
        .getByRole('dialog', { name: /^Retry/ })
        .getByRole('button', { name: 'Retry', exact: true })
        .click();
      await expect(failed(admin)).toHaveCount(0, { timeout: 60_000 });
    } finally {
      await setMailbox(victor.address, 'full');
    }
  });
  for (const page of [viewer, auditor, admin]) await page.context().close();
});

test('an import that somebody started is cancelled, and its window is imported again', async ({ page }) => {
  await openConnector(page, grace);
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
