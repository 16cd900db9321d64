/** The sandbox's own pages, which are the first thing that a new user looks into. */
import { expect, test } from '@playwright/test';
import { isAccessible } from './pages/accessible.ts';
import { ensureConnector } from './pages/ensure-connector.ts';
import { clearFaults, sandboxUrl } from './sandbox.ts';
import { ALDER_BYRNE } from './world.ts';

const GRACE = encodeURIComponent(ALDER_BYRNE.grace.address);

test.afterEach(clearFaults);

test('say what they are, and are accessible', async ({ page, browser }) => {
  test.setTimeout(300_000);
  await ensureConnector(browser);
  const look = async (path: string, heading: string | RegExp): Promise<void> => {
    await page.goto(sandboxUrl(path));
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(page.getByText('this is not Microsoft 365')).toBeVisible();
    await isAccessible(page, `sandbox ${path.replaceAll('/', ' ')}`);
  };
  await look('/', 'A cloud to try the portal on');
  await look('/directory', 'Directory');
  await page.getByRole('link', { name: 'Add a person' }).first().click();
  await isAccessible(page, 'sandbox add a person');
  await page.goBack();
  await page.getByRole('link', { name: 'Change consent' }).first().click();
  await isAccessible(page, 'sandbox consent');
  await page.goBack();
  await page.getByRole('link', { name: ALDER_BYRNE.grace.name }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(ALDER_BYRNE.grace.name);
  await isAccessible(page, 'sandbox person');
  await look('/mailboxes', 'Mailboxes');
  await look(`/mailboxes/${GRACE}`, ALDER_BYRNE.grace.name);
  await page.locator('.messages a').first().click();
  await expect(page.getByText('Headers and properties')).toBeVisible();
  await isAccessible(page, 'sandbox message');
  await look('/telemessage', 'TeleMessage');
  await page.getByRole('link', { name: '+12125550101' }).click();
  await isAccessible(page, 'sandbox phone');
  await look('/nowhere', 'We can’t find this page');
});

test('a fault is set with one click, refused with a sentence, and ended', async ({ page }) => {
  await page.goto(sandboxUrl('/faults'));
  await page.getByRole('button', { name: 'Graph throttles one request in ten' }).click();
  const inForce = page.getByRole('table').filter({ hasText: '10 % of requests' });
  await expect(inForce).toBeVisible();
  await isAccessible(page, 'sandbox faults');
  await page.getByLabel('Share of requests, %').fill('0');
  await page.getByRole('button', { name: 'Add fault' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await isAccessible(page, 'sandbox fault refused');
  await page.goto(sandboxUrl('/faults'));
  await page.getByRole('button', { name: 'Clear all faults' }).click();
  await expect(page.getByText('None. Every request is answered as it should be.')).toBeVisible();
});
