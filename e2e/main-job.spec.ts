/** Steps 1 to 9: an administrator sets Android Archiver up, watches the first import, and reads the mailboxes. */
import { expect, type Page, test } from '@playwright/test';
import { ConnectorsTab } from './pages/connectors.ts';
import { readEquation } from './pages/equations.ts';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { clearFaults, feed, type SourceItem, sandboxUrl, slowGraph, withdrawConsent } from './sandbox.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, account, domain } = ALDER_BYRNE;

test.afterEach(clearFaults);

test('from the catalogue to the messages in the mailboxes', async ({ page, context }) => {
  test.setTimeout(300_000);
  await withdrawConsent(domain);

  await signIn(page, grace);
  await expect(page.getByRole('heading', { name: 'Data connectors', level: 1 })).toBeVisible();

  const wizard = new Wizard(page, KINDS.android);
  await wizard.begin();
  await wizard.acceptTerms();
  await wizard.login(account);
  await expect(page.getByText(/\d of \d+ registered users have a mailbox|after admin consent/)).toBeVisible();
  await wizard.keepAutomaticMapping();
  await wizard.consent(grace, 'Accept');
  await wizard.consentIsProven();
  await wizard.next();

  await wizard.isAt('Review');
  await expect(page.getByRole('main')).toContainText(account.name);
  await expect(page.getByRole('link', { name: /^Edit/ })).toHaveCount(4);
  const from = `${await page.getByLabel(/Items that reached TeleMessage since/).inputValue()}:00.000Z`;

  await slowGraph();
  await page.getByRole('button', { name: 'Finish' }).click();

  const tab = new ConnectorsTab(page);
  const row = tab.row(KINDS.android.name);
  await expect(page).toHaveURL(/\/data-connectors\/connectors\?connector=/);
  await expect(tab.flyout.dialog).toContainText(KINDS.android.name);

  // The progress moves by itself: the address is never loaded again.
  const loads = countLoads(page);
  const bar = tab.flyout.dialog.getByRole('progressbar', { name: `Import of ${KINDS.android.name}` });
  await expect(bar).toBeVisible({ timeout: 60_000 });
  const seen = await textsUntilIdle(tab);
  expect([...seen].filter((text) => /\d of \d+ copies/.test(text)).length, [...seen].join(' | ')).toBeGreaterThan(1);
  await expect(tab.flyout.section('Last import').getByText('Balances.')).toHaveCount(2);
  await clearFaults();

  await tab.flyout.close();
  await expect(row).toContainText('Idle', { timeout: 120_000 });
  await expect(row.getByRole('time').first().or(row.locator('time').first())).toBeVisible();
  const upTo = (await row.locator('time').first().getAttribute('datetime')) ?? '';
  expect(loads()).toBe(0);

  // Everything that TeleMessage listed is in exactly one term of the equation.
  const listed = await feed(account, KINDS.android.slug, from, upTo);
  await row.getByRole('link', { name: KINDS.android.name, exact: true }).click();
  await expect(page.getByRole('heading', { name: KINDS.android.name, level: 1 })).toBeVisible();
  const balance = page.getByRole('region', { name: 'Balance' });
  await expect(balance.getByText('Balances.')).toHaveCount(2);
  const items = await readEquation(balance, 'Items');
  expect(items.total).toBe(listed.listed);
  expect(items.terms.imported ?? 0).toBeGreaterThan(0);
  expect((await readEquation(balance, 'Copies')).total).toBeGreaterThanOrEqual(items.terms.imported ?? 0);

  // And it is in the mailbox of the phone's owner, as the phone knew it.
  const mailbox = await context.newPage();
  await readInMailbox(mailbox, listed.items, ({ type, text }) => type === 'sms' && plain(text));
  await readInMailbox(mailbox, listed.items, (item) => has(item, 'image/'));
  await readInMailbox(mailbox, listed.items, (item) => item.type === 'voiceCall' && has(item, 'audio/'));
});

function countLoads(page: Page): () => number {
  let loads = 0;
  page.on('load', () => {
    loads += 1;
  });
  return () => loads;
}

/** Every text that "Now" showed, as the page changed it, until nothing is under way any more. */
async function textsUntilIdle(tab: ConnectorsTab): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const now = tab.flyout.section('Now');
  await expect
    .poll(
      async () => {
        const text = (await now.textContent()) ?? '';
        seen.add(text);
        return text.includes('Idle') && [...seen].some((earlier) => earlier.includes('copies'));
      },
      { timeout: 180_000, intervals: [200] },
    )
    .toBe(true);
  return seen;
}

const plain = (text: string | null | undefined): boolean =>
  typeof text === 'string' && /^[\w ,.'!?-]{12,120}$/.test(text);
const has = ({ attachments }: SourceItem, type: string): boolean =>
  attachments?.some(({ contentType }) => contentType.startsWith(type)) ?? false;

/** Finds the copy of the first such item that its owner's mailbox took, and compares what a reader sees with the source. */
async function readInMailbox(
  page: Page,
  items: readonly SourceItem[],
  wanted: (item: SourceItem) => boolean,
): Promise<void> {
  // One of an impossible date is imported too, at another time than it says.
  const candidates = items.filter(
    (one) => wanted(one) && one.owner.email?.endsWith(`@${domain}`) && !Number.isNaN(Date.parse(one.messageTime)),
  );
  let item: SourceItem | undefined;
  for (const candidate of candidates) {
    if (!(await openMessage(page, candidate))) continue;
    item = candidate;
    break;
  }
  // A mailbox may be full, or nobody's: that of one of them is neither.
  if (item === undefined) throw new Error(`none of ${candidates.length} such items is in its owner's mailbox`);
  const at = secondOf(item);
  const main = page.getByRole('main');
  await expect(main).toContainText(`Received${at.replace('T', ' ')} UTC`);
  await expect(main).toContainText('Not a draft, read');
  await expect(main).toContainText('IPM.ExternalData.AndroidArchiver');
  for (const party of [item.sender, ...item.recipients]) {
    if (party.name) await expect(main).toContainText(party.name);
  }
  if (item.text && plain(item.text)) {
    // With an image in it the body is HTML, which the sandbox shows in a frame of its own.
    const body =
      (await page.locator('iframe.body').count()) > 0 ? page.frameLocator('iframe.body').locator('body') : main;
    await expect(body.getByText(item.text).first()).toBeVisible();
  }
  for (const { name, contentType } of item.attachments ?? []) {
    await expect(main.getByRole('link', { name })).toBeVisible();
    if (contentType.startsWith('image/')) await expect(main.getByRole('img', { name })).toBeVisible();
    if (contentType.startsWith('audio/')) await expect(main.getByLabel(name)).toBeVisible();
  }
}

/** @returns whether the owner's mailbox has a message of the item's time */
async function openMessage(page: Page, item: SourceItem): Promise<boolean> {
  const query = new URLSearchParams({ folder: KINDS.android.folder });
  await page.goto(sandboxUrl(`/mailboxes/${item.owner.email}?${query}`));
  if (!(await page.getByRole('heading', { name: KINDS.android.folder, level: 2 }).isVisible())) return false;
  const link = page.locator('ul.messages a').filter({ has: page.locator(`time[datetime^="${secondOf(item)}"]`) });
  const older = page.getByRole('link', { name: 'Older' });
  // Newest first, fifty a page.
  while ((await link.count()) === 0) {
    const next = (await older.count()) > 0 ? await older.getAttribute('href') : null;
    if (next === null) return false;
    await page.goto(sandboxUrl(next));
  }
  await link.first().click();
  return true;
}

/** The second of a message, as the sandbox's pages write it. */
function secondOf({ messageTime }: SourceItem): string {
  return new Date(messageTime).toISOString().slice(0, 19);
}
