/** Who may do what, as people meet it. */
import { expect, test } from '@playwright/test';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { sam, tomasz } = ALDER_BYRNE;

test('somebody without a role reads which one is missing and who grants it', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, sam);
  await expect(page.getByRole('heading', { name: 'You have no role here yet' })).toBeVisible();
  await expect(page.getByText(`Signed in as ${sam.address}.`)).toBeVisible();
  const roles = page.getByRole('table', { name: 'Roles of this portal' });
  for (const role of ['Admin', 'Reader', 'Auditor', 'ContentViewer']) {
    await expect(roles.getByRole('cell', { name: role, exact: true })).toBeVisible();
  }

  await page.getByRole('button', { name: 'Copy request' }).click();
  // It is written a moment after the click.
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain(sam.address);

  await test.step('checking again goes through Entra ID', async () => {
    await page.getByRole('button', { name: 'Check again' }).click();
    await expect(page.getByText('Still no role. A change can take up to 5 minutes.')).toBeVisible();
  });

  await test.step('no page and no route of the portal opens for them', async () => {
    for (const path of ['/data-connectors', '/data-connectors/connectors', `/data-connectors/${KINDS.o2.slug}`]) {
      await page.goto(path);
      await expect(page.getByRole('heading', { name: 'You have no role here yet' })).toBeVisible();
    }
    for (const path of [
      '/api/events?person=x',
      '/api/connectors/00000000-0000-4000-8000-000000000000/log',
      '/api/connectors/00000000-0000-4000-8000-000000000000/coverage',
    ]) {
      expect((await page.request.get(path)).status(), path).toBe(403);
    }
  });
});

test('a stranger is asked to sign in, and routes answer 401', async ({ page }) => {
  await page.goto('/data-connectors/connectors');
  await expect(page.getByRole('heading', { name: 'Sign in to Data connectors' })).toBeVisible();
  for (const path of [
    '/api/events?person=x',
    '/api/connectors/00000000-0000-4000-8000-000000000000/log',
    '/api/connectors/00000000-0000-4000-8000-000000000000/coverage',
    '/api/connectors/00000000-0000-4000-8000-000000000000/source-status',
  ]) {
    expect((await page.request.get(path)).status(), path).toBe(401);
  }
});

test('a reader sees everything and changes nothing', async ({ page, browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
  await signIn(page, tomasz);
  await page.goto(`/data-connectors/${KINDS.o2.slug}`);
  await expect(page.getByRole('heading', { name: KINDS.o2.name, level: 1 })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add connector' })).toHaveCount(0);
  await expect(page.getByText('Adding a connector takes the role')).toBeVisible();

  await test.step('a connector that is there can be looked at', async () => {
    const tab = new ConnectorsTab(page);
    await tab.open();
    await tab.row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }).click();
    await expect(page.getByRole('region', { name: 'Balance' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Import now' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Pause' })).toHaveCount(0);
  });
});
