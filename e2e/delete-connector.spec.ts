/** A connector of its own, from its settings to its end: a fallback mailbox, a confirmed sign-off, and Delete. */
import { expect, test } from '@playwright/test';
import { ConnectorPages } from './pages/connector.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector } from './pages/ensure-connector.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const { grace, ingrid, lena, tomasz } = ALDER_BYRNE;
const { name } = KINDS.enterprise;

test('a fallback mailbox is set, and a connector is deleted once nothing of it is owed', async ({ page, browser }) => {
  test.setTimeout(360_000);
  await ensureConnector(browser, KINDS.enterprise);
  const connector = new ConnectorPages(page);
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
    await page.goto(address);
    await expect(page.getByText("We can't find this page.")).toBeVisible();
  });
});
