/** A mapping file as large as one may be, and uploads that do not arrive whole: the page stays awake, and what is in force stays. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, account } = ALDER_BYRNE;
const HEADER = 'ExternalUserId,O365UserMailbox\n';
const row = (index: number): string => `+1212${2_000_000 + index},person.${index}@alderbyrne.example\n`;

async function atMapping(page: Page): Promise<Wizard> {
  await signIn(page, grace);
  const wizard = new Wizard(page, KINDS.verizon);
  await wizard.begin();
  await wizard.acceptTerms();
  await wizard.login(account);
  return wizard;
}

test('a file of 1,000,000 rows is previewed at once, and can be cancelled', async ({ page }) => {
  test.slow();
  await atMapping(page);
  const file = join(tmpdir(), `large-mapping-${process.pid}.csv`);
  // Half a million good rows, and as many that repeat them: the page must not wait for the last one to say so.
  const half = Array.from({ length: 500_000 }, (_, index) => row(index)).join('');
  writeFileSync(file, HEADER + half + half);
  const uploads: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/api/mapping')) uploads.push(request.url());
  });
  try {
    await page.locator('input[type=file]').setInputFiles(file);
    const bar = page.getByRole('progressbar', { name: 'Reading…' });
    await expect(bar).toBeVisible();
    await expect(page.getByText(/[\d,]+ rows so far/)).toBeVisible();
    const preview = page.getByRole('table', { name: 'First rows of the file' });
    await expect(preview.getByRole('row').filter({ hasText: '+12122000000' })).toBeVisible();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(bar).toBeHidden();
    await expect(preview).toBeHidden();
    await expect(page.getByText('or drop it here')).toBeVisible();

    await test.step('read to its end, its first hundred errors are shown and all are in the list', async () => {
      await page.locator('input[type=file]').setInputFiles(file);
      await expect(page.getByText('500,000 of 1,000,000 rows have errors.')).toBeVisible({ timeout: 90_000 });
      const errors = page.getByRole('table', { name: 'Rows with errors' });
      await expect(errors.getByRole('row')).toHaveCount(101);
      await expect(page.getByText('The first 100 are shown.')).toBeVisible();
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download errors' }).click();
      const lines = readFileSync(await (await downloading).path(), 'utf8').split('\r\n');
      expect(lines).toHaveLength(500_002);
      expect(lines[1]).toContain('This number is in row 2 already, with the same mailbox.');
    });
    expect(uploads).toEqual([]);

    // Of 12 MB: whatever stands in front of the route must not cut it.
    await test.step('a good file is in force by itself', async () => {
      writeFileSync(file, HEADER + Array.from({ length: 240_000 }, (_, index) => row(index)).join(''));
      await page.locator('input[type=file]').setInputFiles(file);
      await expect(page.getByText(/\.csv: 240,000 rows/)).toBeVisible({ timeout: 90_000 });
      expect(uploads).toHaveLength(1);
    });
  } finally {
    rmSync(file);
  }
});

test('an upload that breaks off leaves the file in force as it is', async ({ page, context, baseURL }) => {
  const wizard = await atMapping(page);
  const posted = page.waitForRequest((request) => request.url().includes('/api/mapping'));
  await wizard.chooseFile('good.csv', HEADER + row(1) + row(2));
  const inForce = page.getByText('good.csv: 2 rows');
  await expect(inForce).toBeVisible();
  const url = new URL((await posted).url());
  const headers = {
    origin: new URL(baseURL ?? '').origin,
    cookie: (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; '),
  };
  const rest = HEADER + Array.from({ length: 2_000 }, (_, index) => row(index)).join('');

  await test.step('the connection breaks', async () => {
    url.searchParams.set('name', 'broken.csv');
    url.searchParams.set('size', String(rest.length));
    await new Promise<void>((resolve) => {
      const sending = httpRequest(url, { method: 'POST', headers: { ...headers, 'content-length': rest.length } });
      sending.on('error', () => resolve());
      sending.write(rest.slice(0, rest.length / 2), () => setTimeout(() => sending.destroy(new Error('broken')), 200));
    });
    await page.reload();
    await expect(inForce).toBeVisible();
  });

  await test.step('somebody on the way makes it look whole', async () => {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body: rest.slice(0, HEADER.length + 2 * row(1).length),
    });
    expect(await answer.json()).toMatchObject({
      kind: 'refused',
      refusal: { problem: 'broken_off', size: rest.length },
    });
    await page.reload();
    await expect(inForce).toBeVisible();
  });
});
