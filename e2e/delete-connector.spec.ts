/** A connector of its own, from its settings to its end: a fallback mailbox, a confirmed sign-off, and Delete. */
import { type Browser, expect, test } from '@playwright/test';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector } from './pages/ensure-connector.ts';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { feed, grantConsent, sandboxUrl } from './sandbox.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { account, domain, grace, ingrid, lena, tomasz, victor } = ALDER_BYRNE;
const { name, slug } = KINDS.enterprise;
/** Whose messages are not simply in the mailbox of their address: full, none, shared, a leaver's, of two people with one alias. */
const UNUSUAL = [
  victor.address,
  ...['yuki.tanaka', 'frontdesk', 'henrik.dahl', 'j.hart', 'julia.hart', 'jonas.hart'].map((who) => `${who}@${domain}`),
];

/** The two whose phones said most in the 24 hours that the first import takes. At no hour do the same people write. */
async function mostTalkative(): Promise<readonly [string, string]> {
  const [from, to] = [24 * 60, 30].map((minutes) => new Date(Date.now() - minutes * 60_000).toISOString());
  const { items } = await feed(account, slug, from ?? '', to ?? '');
  const owners = items.flatMap(({ owner }) => owner.email ?? []).filter((email) => email.endsWith(`@${domain}`));
  const counts = Map.groupBy(owners, (email) => email);
  const [first, second] = [...counts]
    .filter(([email]) => !UNUSUAL.includes(email))
    .toSorted(([, one], [, other]) => other.length - one.length);
  if (first === undefined || second === undefined) throw new Error(`nobody wrote from ${from} to ${to}`);
  return [first[0], second[0]];
}

/** How many messages the connector's folder holds in somebody's mailbox, as they would see it. */
async function messagesOf(browser: Browser, address: string): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.goto(sandboxUrl(`/mailboxes/${address}?${new URLSearchParams({ folder: name })}`));
    if (!(await page.getByRole('heading', { name, level: 2 }).isVisible())) return 0;
    const [, count = '0'] = /([\d,]+) messages?,/.exec((await page.getByRole('main').textContent()) ?? '') ?? [];
    return Number(count.replaceAll(',', ''));
  } finally {
    await page.close();
  }
}

test('a fallback mailbox is set, and a connector is deleted once nothing of it is owed', async ({ page, browser }) => {
  test.setTimeout(600_000);
  const connector = new ConnectorPages(page);
  const [first, another] = await mostTalkative();

  await test.step('one user is imported first, and the others when somebody has looked', async () => {
    await grantConsent(domain);
    await signIn(page, grace, '/data-connectors');
    const wizard = new Wizard(page, KINDS.enterprise);
    await wizard.begin();
    await wizard.acceptTerms();
    await wizard.login(account);
    await wizard.keepAutomaticMapping();
    await wizard.consentIsProven();
    await wizard.next();
    await wizard.isAt('Review');
    await page.getByRole('checkbox', { name: 'Import one user first, then ask' }).click();
    await page.getByLabel('Address of this user').fill('nobody');
    await page.getByRole('button', { name: 'Finish' }).click();
    await expect(wizard.problem).toContainText('This is not an e-mail address.');
    await isAccessible(page, 'review, one user first');
    await page.getByLabel('Address of this user').fill(first);
    await page.getByRole('button', { name: 'Finish' }).click();
    await new ConnectorsTab(page).flyout.close();
    await new ConnectorsTab(page).row(name).getByRole('link', { name, exact: true }).click();
    const asks = page.getByText(`Only ${first} is imported so far.`);
    await expect(asks).toBeVisible();
    await expect.poll(() => messagesOf(browser, first), { timeout: 120_000 }).toBeGreaterThan(0);
    expect(await messagesOf(browser, another)).toBe(0);
    await page.reload();
    await expect(page.getByText(/copies wait to be sent\./)).toBeVisible();
    await isAccessible(page, 'summary, one user first');
    await page.getByRole('button', { name: 'Import everybody' }).click();
    await connector.dialog('Import everybody?').getByRole('button', { name: 'Import everybody' }).click();
    await expect(asks).toBeHidden();
    await expect.poll(() => messagesOf(browser, another), { timeout: 150_000 }).toBeGreaterThan(0);
    // What follows signs in by itself.
    await page.context().clearCookies();
  });
  await ensureConnector(browser, KINDS.enterprise);
  await connector.open(grace, name);

  await test.step('a fallback mailbox is set, changed and turned off', async () => {
    await connector.tab('Settings');
    const settings = page.getByRole('region', { name: 'Fallback mailbox' });
    await expect(settings).toContainText('No fallback mailbox is set.');
    await settings.getByRole('button', { name: 'Set fallback mailbox' }).click();
    const set = connector.dialog('Set a fallback mailbox?');
    const address = set.getByLabel('Address of the mailbox');
    for (const [wrong, sentence] of [
      ['nobody', 'This is not an e-mail address.'],
      [`nobody@${ALDER_BYRNE.domain}`, 'Nobody in the directory has this address.'],
    ] as const) {
      await address.fill(wrong);
      await set.getByRole('button', { name: 'Set fallback mailbox' }).click();
      await expect(set.getByRole('alert')).toContainText(sentence);
    }
    await address.fill(lena.address.toUpperCase());
    await set.getByRole('button', { name: 'Set fallback mailbox' }).click();
    await expect(set).toBeHidden();
    await expect(settings).toContainText(`Such messages are put into ${lena.address}.`);

    await settings.getByRole('button', { name: 'Change fallback mailbox' }).click();
    const change = connector.dialog('Change the fallback mailbox?');
    await expect(change.getByLabel('Address of the mailbox')).toHaveValue(lena.address);
    await change.getByLabel('Address of the mailbox').fill(grace.address);
    await change.getByRole('button', { name: 'Change fallback mailbox' }).click();
    await expect(settings).toContainText(`Such messages are put into ${grace.address}.`);

    await settings.getByRole('button', { name: 'Turn off: fallback mailbox' }).click();
    await connector.dialog('Turn the fallback mailbox off?').getByRole('button', { name: 'Turn off' }).click();
    await expect(settings).toContainText('No fallback mailbox is set.');
  });

  await test.step('automatic mapping is not switched off where there is no mapping', async () => {
    await page.getByRole('switch', { name: 'Automatic user mapping' }).click();
    await page.getByRole('button', { name: 'Review the change: User mapping rules' }).click();
    await expect(page.getByRole('region', { name: 'User mapping rules' }).getByRole('alert')).toHaveText(
      'Turn on automatic mapping or upload a file. Nothing can be imported otherwise.',
    );
  });

  await test.step('a Reader sees the settings, and changes nothing', async () => {
    const context = await browser.newContext();
    const theirs = new ConnectorPages(await context.newPage());
    await theirs.open(tomasz, name);
    await theirs.tab('Settings');
    await expect(theirs.page.getByText('No fallback mailbox is set.')).toBeVisible();
    await expect(theirs.page.getByRole('button', { name: /fallback mailbox/ })).toHaveCount(0);
    await context.close();
  });

  const remove = connector.dialog(`Delete ${name}?`);
  const press = async (typed: string): Promise<void> => {
    await remove.getByLabel(`Type ${name} to confirm`).fill(typed);
    await remove.getByRole('button', { name: 'Delete connector' }).click();
  };
  await test.step('it cannot be deleted while something of it is owed', async () => {
    await page.getByRole('button', { name: 'Delete connector' }).click();
    await press('another name');
    await expect(remove.getByRole('alert')).toContainText('This is not the name of the connector.');
    await press(name);
    await expect(remove.getByRole('alert')).toContainText(/It can't be deleted yet: .*waiting for a mapping/);
    await remove.getByRole('button', { name: 'Keep it as it is' }).click();
  });

  await test.step('an Auditor signs off everything, a reason at a time', async () => {
    const context = await browser.newContext();
    const theirs = new ConnectorPages(await context.newPage());
    await theirs.open(ingrid, name);
    await theirs.tab('Not imported');
    const commands = theirs.page.getByRole('button', { name: /^Sign off: / });
    for (let left = await commands.count(); left > 0; left--) {
      await commands.first().click();
      const dialog = theirs.dialog(/^Sign off/);
      const [, count = ''] = /^Sign off ([\d,]+) /.exec((await dialog.getByRole('heading').textContent()) ?? '') ?? [];
      await dialog.getByLabel('Reason').selectOption('Nobody here is owed it');
      await dialog.getByLabel('Comment').fill('The service ends.');
      await dialog.getByLabel(/^Type .* to confirm/).fill(count);
      await dialog.getByRole('button', { name: 'Sign off', exact: true }).click();
      await expect(dialog).toBeHidden();
      await expect(commands).toHaveCount(left - 1);
    }
    await expect(theirs.page.getByText('Nothing is left to do.')).toBeVisible();
    await context.close();
  });

  await test.step('then it is gone from every page', async () => {
    const address = page.url();
    await page.getByRole('button', { name: 'Delete connector' }).click();
    await press(name);
    await expect(page).toHaveURL(/\/data-connectors\/connectors$/);
    await expect(new ConnectorsTab(page).row(name)).toHaveCount(0);
    await page.goto(`${new URL(address).pathname.split('/').slice(0, 3).join('/')}/settings`);
    await expect(page.getByText("We can't find this page.")).toBeVisible();
  });

  await test.step('but for its evidence: imports for everybody, history for who may see it', async () => {
    await page.goto('/data-connectors/history');
    const deleted = page.getByRole('region', { name: 'Deleted connectors' });
    const line = deleted.getByRole('row').filter({ hasText: name }).first();
    await expect(line).toContainText(grace.name);
    await isAccessible(page, 'history of the organization');
    await line.getByRole('link', { name: `Imports of ${name}` }).click();
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
    await expect(page.getByRole('main')).toContainText(`This connector was deleted by ${grace.name}:`);
    await expect(page.getByRole('table', { name: 'Imports' })).toContainText('Completed');
    await expect(page.getByRole('button', { name: /Import|Cancel/ })).toHaveCount(0);
    await isAccessible(page, 'imports of a deleted connector');
    await page.getByRole('navigation', { name: 'Connector' }).getByRole('link', { name: 'History' }).click();
    await expect(page.getByRole('table', { name: 'History' })).toContainText(`deleted the connector ${name}.`);

    const context = await browser.newContext();
    const theirs = await context.newPage();
    await signIn(theirs, tomasz, '/data-connectors/history');
    const seen = theirs.getByRole('region', { name: 'Deleted connectors' }).getByRole('row').filter({ hasText: name });
    await expect(seen.first()).not.toContainText(grace.name);
    await expect(theirs.getByRole('link', { name: /^History of/ })).toHaveCount(0);
    await expect(theirs.getByRole('region', { name: 'Organization' })).toHaveCount(0);
    await seen
      .first()
      .getByRole('link', { name: `Imports of ${name}` })
      .click();
    await expect(theirs.getByRole('table', { name: 'Imports' })).toContainText('Completed');
    await theirs.goto(theirs.url().replace('/imports', '/history'));
    await expect(theirs.getByRole('table', { name: 'History' })).toHaveCount(0);
    await context.close();
  });
});
