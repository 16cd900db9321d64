/** User mapping of a live connector: uploaded, checked, compared, applied, and gone back on. */
import { readFile } from 'node:fs/promises';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { isAccessible } from './pages/accessible.ts';
import { ConnectorPages } from './pages/connector.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector } from './pages/ensure-connector.ts';
import { MappingPages } from './pages/mapping.ts';
import { signIn } from './pages/sign-in.ts';
import { sandboxUrl } from './sandbox.ts';
import { ALDER_BYRNE, KINDS, type PersonOfTest } from './world.ts';

const { grace, lena, tomasz, victor, ben, dana, networkOnly } = ALDER_BYRNE;
const { name, folder } = KINDS.verizon;
const HEADER = 'ExternalUserId,O365UserMailbox\n';
const YUKI = { name: 'Yuki Tanaka', mobile: '+12125550111' };
/** nobody wrote down her e-mail, and only one person has her name */
const KATRIN = { name: 'Katrin Vance', mobile: '+12125550150', address: 'katrin.vance@alderbyrne.example' };
const FRONT_DESK = 'frontdesk@alderbyrne.example';

// One mapping, from its first version to its last.
test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(360_000);
  await ensureConnector(browser, KINDS.verizon, networkOnly);
  // Of the last day alone, some of these people have sent nothing at some hours.
  const page = await browser.newPage();
  const connector = new ConnectorPages(page);
  await connector.open(grace, name);
  await connector.tab('Imports');
  await connector.importDaysBefore(3);
  await page.close();
});

async function openMapping(page: Page, person: PersonOfTest): Promise<MappingPages> {
  const connector = new ConnectorPages(page);
  await connector.open(person, name);
  await connector.tab('User mapping');
  return new MappingPages(page);
}

/** How many messages the connector's folder holds in somebody's mailbox, as they would see it. */
async function messagesOf(browser: Browser, address: string): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.goto(sandboxUrl(`/mailboxes/${address}?${new URLSearchParams({ folder })}`));
    if (!(await page.getByRole('heading', { name: folder, level: 2 }).isVisible())) return 0;
    const [, count = '0'] = /([\d,]+) messages?,/.exec((await page.getByRole('main').textContent()) ?? '') ?? [];
    return Number(count.replaceAll(',', ''));
  } finally {
    await page.close();
  }
}

const arrived = (browser: Browser, address: string) =>
  expect.poll(() => messagesOf(browser, address), { timeout: 60_000 });

test('a clean file is in force, and what waited for it arrives by itself', async ({ page, browser }) => {
  expect(await messagesOf(browser, dana.address)).toBe(0);
  await signIn(page, grace, '/data-connectors/connectors');
  const mapping = new MappingPages(page);
  await new ConnectorsTab(page).row(name).getByRole('link', { name, exact: true }).click();
  const upload = page.getByRole('button', { name: 'Upload mapping' });
  // Ben's address is mistyped.
  const file = `${HEADER}${ben.mobile},ben.cartre@alderbyrne.example\n${dana.mobile},${dana.address}\n`;
  await mapping.choose(upload, file);
  await expect(mapping.check).toContainText('people.csv');
  await mapping.counts({ Changed: 0, Removed: 0, Added: 2, Unchanged: 0 });
  await expect(mapping.row(dana.mobile)).toContainText(dana.name);
  await expect(mapping.effect).toContainText(/\d+ waiting items? will be imported\./);
  await mapping.effect.getByLabel('Why?').fill('They had no mailbox.');
  await mapping.applyButton.click();
  await mapping.isInForce(1);
  await expect(mapping.block('Version in force')).toContainText(`Applied by${grace.name}`);
  await expect(mapping.block('Version in force')).toContainText('They had no mailbox.');
  await isAccessible(page, 'user mapping');
  await arrived(browser, dana.address).toBeGreaterThan(0);
  expect(await messagesOf(browser, ben.address)).toBe(0);
});

test('a file with errors is corrected, and the copies of the one who was mistyped arrive; nobody else gets theirs twice', async ({
  page,
  browser,
}) => {
  const mapping = await openMapping(page, grace);
  const before = await messagesOf(browser, dana.address);
  const wrong = `${HEADER}4.45204E+11,${ben.address}\n${dana.mobile},${dana.address}\n${ben.mobile},nobody\n`;
  await mapping.uploadNew(wrong, 'wrong.csv');
  await test.step('what is wrong is shown by row, column, value and reason', async () => {
    await expect(mapping.check).toContainText('2 of 3 rows have errors.');
    const errors = page.getByRole('table', { name: 'Rows with errors' });
    await expect(errors.getByRole('row').nth(1)).toContainText('4.45204E+11 has lost digits.');
    await expect(mapping.difference).toContainText('Difference with version 1');
    await isAccessible(page, 'user mapping, errors');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download errors' }).click();
    const lines = (await readFile(await (await downloading).path(), 'utf8')).trim().split('\r\n');
    expect(lines).toHaveLength(3);
  });

  await test.step('the rest of it can be proposed, and that is recorded', async () => {
    await page.getByRole('button', { name: 'Apply without these 2 rows' }).click();
    await expect(mapping.check).toContainText('2 rows with errors were left out.');
    await mapping.counts({ Changed: 0, Removed: 1, Added: 0, Unchanged: 1 });
  });

  await test.step('in the other mode it is another choice, which is asked again', async () => {
    for (const [button, counts] of [
      ['Add to it instead', { Changed: 0, Removed: 0, Added: 0, Unchanged: 2 }],
      ['Replace the whole mapping instead', { Changed: 0, Removed: 1, Added: 0, Unchanged: 1 }],
    ] as const) {
      await mapping.difference.getByRole('button', { name: button }).click();
      await page.getByRole('button', { name: 'Apply without these 2 rows' }).click();
      await expect(mapping.check).toContainText('2 rows with errors were left out.');
      await mapping.counts(counts);
    }
  });

  await test.step('a file that is no mapping is refused with what it has instead', async () => {
    await mapping.choose(page.getByRole('button', { name: 'Choose another file' }), 'Phone,Name\n1,2\n', 'phones.csv');
    await expect(mapping.check.getByRole('alert')).toContainText('Found: Phone, Name');
  });

  const right = `${HEADER}${ben.mobile},${ben.address}\n${dana.mobile},${dana.address}\n`;
  await mapping.choose(page.getByRole('button', { name: 'Choose file' }), right, 'right.csv');
  await mapping.counts({ Changed: 1, Removed: 0, Added: 0, Unchanged: 1 });
  await expect(mapping.row(ben.mobile)).toContainText(`${ben.name}`);
  await expect(mapping.row(ben.mobile)).toContainText('ben.cartre@alderbyrne.example');
  await expect(mapping.row(ben.mobile)).toContainText(ben.address);
  await isAccessible(page, 'user mapping, proposal');

  await test.step('why is asked for', async () => {
    await mapping.applyButton.click();
    await expect(mapping.effect).toContainText('Say why, in 3 to 1,000 characters.');
    await expect(mapping.effect.getByLabel('Why?')).toBeFocused();
  });
  // All of it by keyboard: the reason, and the button behind it.
  await page.keyboard.type('Ben was mistyped.');
  await page.keyboard.press('Tab');
  await expect(mapping.applyButton).toBeFocused();
  await page.keyboard.press('Enter');
  await mapping.isInForce(5);
  await expect(mapping.block('Version in force')).toContainText('Ben was mistyped.');
  // What was proposed before the other file was chosen has given way.
  await expect(mapping.version(4)).toContainText('Discarded');
  await arrived(browser, ben.address).toBeGreaterThan(0);
  expect(await messagesOf(browser, dana.address)).toBe(before);
});

test('a number is mapped where it is missing, and a file that lacks it asks what is to become of it', async ({
  page,
  browser,
}) => {
  const connector = new ConnectorPages(page);
  await signIn(page, grace, '/data-connectors/connectors');
  await new ConnectorsTab(page).row(name).getByRole('link', { name: /to do/i }).click();
  const numbers = page.getByRole('table', { name: 'Numbers without a mailbox' });
  const line = numbers.getByRole('row').filter({ hasText: YUKI.name });
  await expect(line).toContainText(YUKI.mobile);
  await isAccessible(page, 'not imported, numbers');

  await test.step('the mailbox may be the one that is suggested', async () => {
    const suggested = numbers.getByRole('row').filter({ hasText: KATRIN.name });
    await expect(suggested).toContainText(KATRIN.address);
    await suggested.getByRole('button', { name: /^Map/ }).click();
    const dialog = connector.dialog(/^Map Katrin Vance/);
    await expect(dialog.getByLabel('Mailbox')).toHaveValue(KATRIN.address);
    await isAccessible(page, 'not imported, map a number');
    await dialog.getByLabel('Why?').fill('Her phone is new.');
    await dialog.getByRole('button', { name: /^Map and import \d+ cop(y|ies)$/ }).click();
    await expect(dialog).toBeHidden();
    await arrived(browser, KATRIN.address).toBeGreaterThan(0);
  });

  const deskBefore = await messagesOf(browser, FRONT_DESK);
  await line.getByRole('button', { name: /^Map/ }).click();
  const dialog = connector.dialog(/^Map Yuki Tanaka/);
  const submit = dialog.getByRole('button', { name: /^Map and import [\d,]+ cop(y|ies)$/ });
  await dialog.getByLabel('Mailbox').fill('yuki@elsewhere.example');
  await dialog.getByLabel('Why?').fill('The desk answers for her.');
  await submit.click();
  await expect(dialog.getByRole('alert')).toContainText('not in a verified domain');
  await test.step('somebody is found by the beginning of an address, and chosen by keyboard', async () => {
    const mailbox = dialog.getByRole('combobox', { name: 'Mailbox' });
    await mailbox.fill('');
    await mailbox.pressSequentially('frontd');
    await expect(page.getByRole('option', { name: FRONT_DESK })).toBeVisible();
    await expect(dialog.getByText('1 person found.')).toBeVisible();
    await isAccessible(page, 'not imported, people picker');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(mailbox).toHaveValue(FRONT_DESK);
    await expect(dialog).toBeVisible();
  });
  await submit.click();
  await expect(dialog).toBeHidden();
  await arrived(browser, FRONT_DESK).toBeGreaterThan(deskBefore);
  await expect(line).toHaveCount(0, { timeout: 30_000 });

  await connector.tab('User mapping');
  const mapping = new MappingPages(page);
  const file = `${HEADER}${ben.mobile},${ben.address}\n${dana.mobile},${dana.address}\n`;
  await mapping.uploadNew(file);
  await expect(mapping.difference.getByRole('alert')).toContainText(
    '2 rows were added in the portal and are not in the file.',
  );
  await isAccessible(page, 'user mapping, rows of the portal');
  await mapping.difference.getByRole('button', { name: 'Keep these 2 rows' }).click();
  await expect(mapping.check).toContainText('Rows added in the portal were kept.');
  await mapping.counts({ Changed: 0, Removed: 0, Added: 0, Unchanged: 4 });
  await expect(mapping.effect).toContainText('This version says the same as the one in force.');

  await test.step('an addition is asked nothing', async () => {
    await mapping.difference.getByRole('button', { name: 'Add to it instead' }).click();
    await expect(mapping.check).toContainText('Added to version');
    await mapping.counts({ Unchanged: 4 });
  });
  await mapping.effect.getByRole('button', { name: /^Discard/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(mapping.version(1)).toBeVisible();
});

test('what removes much wants a phrase typed; rows that look shifted want another', async ({ page }) => {
  const mapping = await openMapping(page, grace);
  const shifted = `${HEADER}+12125550101,${victor.address}\n+12125550117,${grace.address}\n`;
  await mapping.uploadNew(shifted, 'shifted.csv');
  await mapping.difference.getByRole('button', { name: 'Remove these 2 rows' }).click();
  await mapping.counts({ Removed: 4, Added: 2, "Differs from TeleMessage's e-mail for the first time": 2 });
  await mapping.difference.getByRole('link', { name: /for the first time/ }).click();
  await expect(mapping.row('+12125550101')).toContainText(victor.address);
  await expect(mapping.effect).toContainText('Rows look shifted: 2 of 2 rows newly disagree');
  await isAccessible(page, 'user mapping, confirmations');
  await mapping.apply('They changed places.');
  await expect(mapping.effect).toContainText('Type “the mailboxes are right” exactly');
  await mapping.effect.getByLabel(/^Type “the mailboxes are right”/).fill('The mailboxes are right');
  await mapping.applyButton.click();
  const typed = mapping.effect.getByLabel(/^Type “apply version \d+”/);
  await expect(typed).toBeFocused();
  await expect(mapping.effect.getByLabel('Why?')).toHaveValue('They changed places.');
  await mapping.effect.getByRole('button', { name: /^Discard/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(mapping.block('Version in force')).toContainText('The desk answers for her.');
});

test('of two administrators who upload at once the second is told, and compares again', async ({ page, browser }) => {
  const mine = await openMapping(page, grace);
  const context = await browser.newContext();
  const other = await context.newPage();
  const theirs = await openMapping(other, lena);
  const rows = `${HEADER}${ben.mobile},${ben.address}\n${dana.mobile},${dana.address}\n${YUKI.mobile},${FRONT_DESK}\n${KATRIN.mobile},${KATRIN.address}\n`;
  await mine.uploadNew(`${rows}+442079460901,${victor.address}\n`, 'mine.csv');
  await mine.counts({ Added: 1 });
  await theirs.uploadNew(`${rows}+442079460902,${victor.address}\n`, 'theirs.csv');
  await theirs.counts({ Added: 1 });
  await mine.apply('A new phone.');
  await expect(mine.block('Version in force')).toContainText('A new phone.');

  await theirs.apply('Another new phone.');
  await expect(theirs.effect.getByRole('alert')).toContainText(
    new RegExp(`^${grace.name} applied version \\d+ meanwhile`),
  );
  await isAccessible(other, 'user mapping, meanwhile');
  await theirs.effect.getByRole('button', { name: 'Compare again' }).click();
  // Mine is not in their file: replaced, it would go.
  await theirs.counts({ Added: 1, Removed: 1, Unchanged: 4 });
  await expect(theirs.row('+442079460901')).toBeVisible();
  await expect(theirs.effect.getByLabel('Why?')).toHaveValue('Another new phone.');
  await theirs.effect.getByRole('button', { name: /^Discard/ }).click();
  await other.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(theirs.block('Version in force')).toContainText(grace.name);
  await context.close();
});

test('a number that will change hands says when; what is downloaded is the same again; one goes back a version', async ({
  page,
}) => {
  const mapping = await openMapping(page, grace);
  const dated =
    'ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\n' +
    `${ben.mobile},${ben.address},,2031-04-30\n${ben.mobile},${victor.address},2031-05-01,\n`;
  await mapping.choose(page.getByRole('button', { name: 'Upload new version' }), dated, 'dated.csv');
  await mapping.counts({ Changed: 1, Removed: 4, Added: 0, Unchanged: 1 });
  await mapping.difference.getByRole('button', { name: 'Add to it instead' }).click();
  await mapping.counts({ Changed: 1, Removed: 0, Added: 0, Unchanged: 5 });
  await expect(mapping.row(ben.mobile)).toContainText('2031-05-01 00:00 UTC');
  await expect(mapping.row(ben.mobile)).toContainText(victor.address);
  await mapping.apply('Victor takes the phone over.');
  const inForce = mapping.block('Version in force');
  await expect(inForce).toContainText('Victor takes the phone over.');

  await test.step('downloaded and uploaded again it says the same', async () => {
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download current mapping' }).click();
    const csv = await readFile(await (await downloading).path(), 'utf8');
    expect(csv).toContain('2031-05-01');
    await mapping.uploadNew(csv, 'again.csv');
    await mapping.counts({ Changed: 0, Removed: 0, Added: 0 });
    await expect(mapping.effect).toContainText('This version says the same as the one in force.');
    await page.getByRole('link', { name: 'Back to User mapping' }).click();
  });

  await test.step('any two are compared', async () => {
    await mapping.version(5).getByRole('link', { name: 'Compare version 5' }).click();
    await mapping.counts({ Changed: 1 });
    await page.getByRole('combobox', { name: 'Compared with' }).selectOption({ label: 'Version 1 (Superseded)' });
    await expect(page).toHaveURL(/against=/);
    await mapping.counts({ Changed: 1, Removed: 0, Added: 0, Unchanged: 1 });
    await expect(mapping.row(ben.mobile)).toContainText('ben.cartre@alderbyrne.example');
    await isAccessible(page, 'user mapping, comparison');
    await mapping.tile('Unchanged').click();
    await expect(mapping.row(dana.mobile)).toBeVisible();
    await page.goBack();
    await expect(mapping.row(ben.mobile)).toBeVisible();
  });

  await test.step('and one goes back', async () => {
    await page.getByRole('button', { name: 'Go back to version 5' }).click();
    await expect(mapping.check).toContainText('The rows of version 5.');
    await mapping.counts({ Changed: 1, Removed: 3, Unchanged: 2 });
    await mapping.effect.getByLabel('Why?').fill('It was too early.');
    const [, phrase = ''] = /“(apply version \d+)”/.exec((await mapping.effect.textContent()) ?? '') ?? [];
    await mapping.effect.getByLabel(/^Type “apply version/).fill(phrase);
    await mapping.applyButton.click();
    await expect(inForce).toContainText('It was too early.');
    await expect(inForce).toContainText('The rows of version 5.');
  });
});

test('where the organization demands it, another administrator approves', async ({ page, browser }) => {
  test.setTimeout(180_000);
  const context = await browser.newContext();
  const other = await context.newPage();
  const theirs = await openMapping(other, lena);
  const settings = new ConnectorPages(other);
  const confirm = async (of: Page, label: string) => {
    await of.getByRole('button', { name: label, exact: true }).click();
    await of.getByRole('dialog').getByRole('button', { name: label, exact: true }).click();
    await expect(of.getByRole('dialog')).toBeHidden();
  };
  await settings.tab('Settings');
  await confirm(other, 'Demand approval');
  await expect(other.getByText('Another administrator has to approve such versions.')).toBeVisible();
  await isAccessible(other, 'settings, approval');

  const mapping = await openMapping(page, grace);
  const propose = async (why: string) => {
    await mapping.uploadNew(`${HEADER}${dana.mobile},${dana.address}\n`, 'less.csv');
    await mapping.counts({ Removed: 1 });
    await mapping.effect.getByLabel('Why?').fill(why);
    await mapping.effect.getByRole('button', { name: 'Request approval' }).click();
    await expect(mapping.effect).toContainText('Another administrator has to approve it.');
    await page.getByRole('link', { name: 'Back to User mapping' }).click();
  };

  await test.step('declined, with a reason', async () => {
    await propose('Ben has left.');
    await settings.tab('User mapping');
    await other
      .getByRole('link', { name: /^Review version/ })
      .first()
      .click();
    await expect(theirs.effect).toContainText(`${grace.name} asked for approval`);
    await expect(theirs.effect).toContainText('Why: Ben has left.');
    await isAccessible(other, 'user mapping, approval');
    await other.getByRole('button', { name: 'Decline' }).click();
    const dialog = other.getByRole('dialog');
    await dialog.getByLabel('Why do you decline it?').fill('He has not.');
    await dialog.getByRole('button', { name: 'Decline' }).click();
    await expect(other.getByRole('table', { name: 'Mapping versions' })).toContainText('He has not.');
  });

  await test.step('approved', async () => {
    await propose('He has left now.');
    await other.reload();
    await other
      .getByRole('row')
      .filter({ hasText: 'He has left now.' })
      .getByRole('link', { name: /^Review/ })
      .click();
    await other.getByRole('button', { name: /^Approve and apply version/ }).click();
    await expect(theirs.block('Version in force')).toContainText('He has left now.');
    await expect(theirs.block('Version in force')).toContainText(`Approved by${lena.name}`);
  });

  await test.step('two of them turn it off again', async () => {
    await settings.tab('Settings');
    await confirm(other, 'Turn off approval');
    await expect(other.getByText(`${lena.name} asks to turn it off.`)).toBeVisible();
    await new ConnectorPages(page).tab('Settings');
    await confirm(page, 'Turn off approval');
    await expect(page.getByText('Whoever uploads such a version applies it')).toBeVisible();
  });
  await context.close();
});

test('a large file is read beside the page, and can be cancelled', async ({ page }) => {
  const mapping = await openMapping(page, grace);
  const row = (index: number): string => `+1212${2_000_000 + index},person.${index}@alderbyrne.example\n`;
  await mapping.uploadNew(HEADER + Array.from({ length: 600_000 }, (_, index) => row(index)).join(''), 'large.csv');
  await expect(page.getByRole('progressbar', { name: 'Reading…' })).toBeVisible();
  await expect(page.getByText(/[\d,]+ rows so far/)).toBeVisible();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByRole('progressbar')).toBeHidden();
  await expect(page.getByText('or drop it here')).toBeVisible();
});

test('a reader sees versions and differences without numbers, and uploads nothing', async ({ page }) => {
  const mapping = await openMapping(page, tomasz);
  await expect(page.getByRole('button', { name: /^Upload/ })).toHaveCount(0);
  await expect(page.getByRole('link', { name: /^Download/ })).toHaveCount(0);
  await expect(mapping.version(1)).toContainText('Superseded');
  await mapping.version(5).getByRole('link', { name: 'Compare version 5' }).click();
  await expect(mapping.row('+1••••••0118')).toBeVisible();
  expect(await page.content()).not.toContain('2125550118');
  const { pathname } = new URL(page.url());
  expect((await page.request.get(`/api${pathname}`)).status()).toBe(403);
  const versions = `/api${pathname.replace(/\/[^/]+$/, '')}`;
  const query = 'name=x.csv&mode=replace&leaveOut=0&portalRows=ask&size=1';
  const headers = { origin: new URL(page.url()).origin };
  const sent = await page.request.post(`${versions}?${query}`, { headers, data: 'x' });
  // For the role, and not for where it comes from: a page of ours was never asked for another answer.
  expect([sent.status(), await sent.text()]).toEqual([403, '']);
  await page.goto(pathname.replace(/[^/]+$/, 'upload'));
  await expect(page.getByRole('heading', { name: 'Your role does not allow this' })).toBeVisible();
});
