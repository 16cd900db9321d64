/** A phone that changes hands between two of its messages: each goes to whom it was then. */
import { type Browser, expect, test } from '@playwright/test';
import { ConnectorPages } from './pages/connector.ts';
import { ensureConnector } from './pages/ensure-connector.ts';
import { MappingPages } from './pages/mapping.ts';
import { feed, sandboxUrl } from './sandbox.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { account, ben, grace } = ALDER_BYRNE;
const { name, slug, folder } = KINDS.telegram;
const FRONT_DESK = 'frontdesk@alderbyrne.example';

/** Times of all messages in the connector's folder of a mailbox, in milliseconds, as its owner would see them. */
async function timesIn(browser: Browser, address: string): Promise<readonly number[]> {
  const page = await browser.newPage();
  try {
    await page.goto(sandboxUrl(`/mailboxes/${address}?${new URLSearchParams({ folder })}`));
    if (!(await page.getByRole('heading', { name: folder, level: 2 }).isVisible())) return [];
    const times: number[] = [];
    const older = page.getByRole('link', { name: 'Older' });
    for (;;) {
      for (const time of await page.locator('ul.messages time').all())
        times.push(Date.parse((await time.getAttribute('datetime')) ?? ''));
      const next = (await older.count()) > 0 ? await older.getAttribute('href') : null;
      if (next === null) return times;
      await page.goto(sandboxUrl(next));
    }
  } finally {
    await page.close();
  }
}

test('messages before a hand-over are in the mailbox of the one, and those after it in that of the other', async ({
  page,
  browser,
}) => {
  test.setTimeout(240_000);
  await ensureConnector(browser, KINDS.telegram);
  // Nobody wrote down an e-mail of Ben's: all that his phone sent waits for a mapping.
  expect(await timesIn(browser, ben.address)).toEqual([]);
  const connector = new ConnectorPages(page);
  await connector.open(grace, name);
  await connector.tab('Imports');
  await connector.importDaysBefore(2);
  // The desk has a phone of its own.
  const ofDesk = await timesIn(browser, FRONT_DESK);
  const [from, to] = [47 * 60, 30].map((minutes) => new Date(Date.now() - minutes * 60_000).toISOString());
  const { items } = await feed(account, slug, from ?? '', to ?? '');
  const sent = items
    .filter(({ owner }) => owner.mobile === ben.mobile)
    .map(({ messageTime }) => Math.floor(Date.parse(messageTime) / 1000) * 1000)
    // One of an impossible date is imported at another time.
    .filter((time) => !Number.isNaN(time))
    .toSorted((one, other) => one - other);
  const handOver = sent[Math.ceil(sent.length / 2)] ?? Number.NaN;
  expect(sent.filter((time) => time < handOver).length).toBeGreaterThan(0);
  expect(sent.filter((time) => time >= handOver).length).toBeGreaterThan(0);

  await connector.tab('User mapping');
  const mapping = new MappingPages(page);
  const moment = new Date(handOver).toISOString();
  const file =
    'ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\n' +
    `${ben.mobile},${ben.address},,${moment}\n${ben.mobile},${FRONT_DESK},${moment},\n`;
  await mapping.uploadNew(file, 'hand-over.csv');
  await mapping.counts({ Added: 2 });
  await mapping.apply('The desk took the phone over.');
  await mapping.isInForce(1);

  const isWhole = async (): Promise<boolean> => {
    const [his, theirs] = [await timesIn(browser, ben.address), await timesIn(browser, FRONT_DESK)];
    return sent.every((time) => (time < handOver ? his : theirs).includes(time));
  };
  await expect.poll(isWhole, { timeout: 90_000 }).toBe(true);
  expect((await timesIn(browser, ben.address)).filter((time) => time >= handOver)).toEqual([]);
  const before = (times: readonly number[]) => times.filter((time) => time < handOver);
  expect(before(await timesIn(browser, FRONT_DESK))).toEqual(before(ofDesk));
});
