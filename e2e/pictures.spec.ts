/**
 * Pictures of every page at 320, 768 and 1440 px, light, dark and in forced colours, for a person to look at
 * (`npm run pictures`). They assert nothing, so that they run only where somebody asks for them.
 */
import { expect, type Page, test } from '@playwright/test';
import { ConnectorPages } from './pages/connector.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { isPicturedEverywhere as isPictured } from './pages/pictures.ts';
import { signIn } from './pages/sign-in.ts';
import { Wizard } from './pages/wizard.ts';
import { withdrawConsent } from './sandbox.ts';
import { startConnector, stopConnector } from './stop-connector.ts';
import { ALDER_BYRNE, KESTREL, KINDS } from './world.ts';

const { grace, ingrid, sam, tomasz } = ALDER_BYRNE;

test.skip(process.env.E2E_PICTURES === undefined, 'E2E_PICTURES names no folder');
test.beforeEach(() => test.setTimeout(600_000));

/** Opens an address of the portal, waits until what is named is there, and takes its pictures. */
async function visit(page: Page, path: string, name: string, there: string | RegExp): Promise<void> {
  await page.goto(path);
  await expect(page.getByText(there).filter({ visible: true }).first()).toBeVisible();
  await expect(page.getByText('Loading…')).toHaveCount(0);
  await isPictured(page, name);
}

test('sign-in, missing role, what is not there', async ({ page }) => {
  await page.goto('/sign-in');
  await isPictured(page, 'sign-in');
  await signIn(page, sam);
  await expect(page.getByRole('heading', { name: 'You have no role here yet' })).toBeVisible();
  await isPictured(page, 'missing role');
  await page.context().clearCookies();
  await signIn(page, tomasz);
  await visit(page, '/nowhere', 'not found', "We can't find this page.");
  await visit(page, '/evidence', 'evidence without the role', /./);
});

test('the catalogue and the wizard', async ({ page }) => {
  await withdrawConsent(KESTREL.domain);
  await signIn(page, KESTREL.amara);
  await isPictured(page, 'catalogue');
  await visit(page, '/data-connectors/connectors', 'connectors, none', 'No connectors yet');
  await visit(page, '/data-connectors/history', 'history of the organization', 'History');
  await visit(page, '/data-connectors?search=nothing', 'catalogue, no match', 'No match.');
  await visit(page, `/data-connectors/${KINDS.android.slug}`, 'description', KINDS.android.name);
  const wizard = new Wizard(page, KINDS.android);
  await wizard.begin();
  await isPictured(page, 'wizard 1, terms');
  await wizard.acceptTerms();
  await isPictured(page, 'wizard 2, login');
  await wizard.next();
  await expect(wizard.problem.first()).toBeVisible();
  await isPictured(page, 'wizard 2, login with errors');
  await page.getByRole('textbox', { name: 'Username' }).fill(KESTREL.account.username);
  await page.getByRole('textbox', { name: 'Password' }).fill(KESTREL.account.password);
  await wizard.next();
  const created = page.getByRole('dialog', { name: 'Connector created' });
  await expect(created).toBeVisible();
  await isPictured(page, 'wizard 2, connector created');
  await created.getByRole('button', { name: 'Close' }).click();
  await expect(created).toBeHidden();
  await isPictured(page, 'wizard 2, logged in');
  await wizard.next();
  await wizard.isAt('User mapping');
  await expect(page.getByText(/have a mailbox|after admin consent/).last()).toBeVisible();
  await isPictured(page, 'wizard 3, mapping');
  await wizard.chooseFile(
    'm.csv',
    'ExternalUserId,O365UserMailbox\n1,x\n+442079460101,amara.mensah@kestrelbank.example\n',
  );
  await expect(wizard.problem.first()).toBeVisible();
  await isPictured(page, 'wizard 3, mapping with errors');
  await page.reload();
  await wizard.keepAutomaticMapping();
  await isPictured(page, 'wizard 4, consent');
  await wizard.consent(KESTREL.amara, 'Accept');
  await wizard.consentIsProven();
  await isPictured(page, 'wizard 4, consent proven');
  await wizard.next();
  await wizard.isAt('Review');
  await isPictured(page, 'wizard 5, review');
  await page.getByRole('link', { name: 'Save and close' }).click();
  const discard = page.getByRole('button', { name: 'Discard draft' });
  await expect(discard).toBeVisible();
  await isPictured(page, 'description with a draft');
  await discard.click();
  await isPictured(page, 'discard the draft');
  await page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
  await expect(page.getByRole('button', { name: 'Add connector' })).toBeVisible();
});

test('the Connectors tab and a connector', async ({ page, browser }) => {
  await ensureConnector(browser);
  await signIn(page, grace, '/data-connectors/connectors');
  const tab = new ConnectorsTab(page);
  await expect(tab.row(SHOWN.name)).toBeVisible();
  await isPictured(page, 'connectors');
  await page.getByRole('button', { name: 'Views' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await isPictured(page, 'connectors, views');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: `Details of ${SHOWN.name}` }).click();
  await expect(tab.flyout.section('Connector status with source')).toContainText('Active');
  await isPictured(page, 'fly-out');
  await visit(page, '/data-connectors/connectors?search=nothing', 'connectors, no match', 'No match.');
  await visit(page, '/data-connectors/history', 'history of Alder & Byrne', 'History');

  const connector = new ConnectorPages(page);
  await page.goto('/data-connectors/connectors');
  await tab.row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }).click();
  await expect(page.getByRole('region', { name: 'Balance' })).toBeVisible();
  await expect(page.getByRole('grid').first()).toBeVisible();
  await isPictured(page, 'summary');
  const base = new URL(page.url()).pathname;
  await page
    .getByRole('button', { name: /^Sign off|^Retry/ })
    .first()
    .click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await isPictured(page, 'retry or sign off');
  await page.keyboard.press('Escape');
  await page
    .getByRole('gridcell', { name: /Not all imported|Open|Balanced/ })
    .last()
    .click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await isPictured(page, 'a day of the calendar');
  await visit(page, `${base}?calendar=table&charts=table`, 'summary, as tables', 'Balance');
  await visit(page, `${base}/imports`, 'imports', 'Completed');
  await page.getByRole('button', { name: 'Import a past range' }).click();
  await isPictured(page, 'import a past range');
  await page.keyboard.press('Escape');
  await visit(page, `${base}/imports/days`, 'imports by day', 'By day');
  await visit(page, `${base}/not-imported`, 'not imported', /failed/);
  await page.getByRole('button', { name: /^Map / }).first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await isPictured(page, 'map a number');
  await page.keyboard.press('Escape');
  await page
    .getByRole('link', { name: /^Show (them|it) one by one: \d+ cop/ })
    .first()
    .click();
  await expect(page.getByRole('table', { name: /^One by one/ })).toBeVisible();
  await isPictured(page, 'not imported, one by one');
  await visit(page, `${base}/mapping`, 'user mapping', 'User mapping');
  await visit(page, `${base}/mapping/correct`, 'correct misfiled messages', 'Correct misfiled messages');
  await visit(page, `${base}/coverage`, 'user coverage', 'User coverage');
  await visit(page, `${base}/settings`, 'settings', 'Notifications');
  await page.getByRole('button', { name: 'Delete connector' }).click();
  await page.getByLabel(/^Type .* to confirm/).fill(SHOWN.name);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete connector' }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
  await isPictured(page, 'delete, refused');
  await page.keyboard.press('Escape');
  await visit(page, `${base}/history`, 'history', 'History');
  await page
    .getByRole('button', { name: /^Details/ })
    .first()
    .click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await isPictured(page, 'history, an entry');

  await stopConnector(SHOWN.name);
  await visit(page, base, 'stopped', /does not accept the username or password/);
  await page.getByRole('button', { name: 'Update password' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await isPictured(page, 'update password');
  await visit(page, '/data-connectors/connectors', 'connectors, one stopped', 'Stopped');
  await startConnector(SHOWN.name);

  await page.goto(`${base}/mapping`);
  const asking = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload new version' }).click();
  const wrong = 'ExternalUserId,O365UserMailbox\n1,x\n+12125550118,ben.carter@alderbyrne.example\n4.45204E+11,nobody\n';
  await (await asking).setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(wrong) });
  await expect(page.getByRole('region', { name: 'Check' })).toContainText('errors');
  await isPictured(page, 'mapping upload with errors');
  await page.getByRole('button', { name: /^Apply without/ }).click();
  await expect(page.getByRole('region', { name: 'Effect' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Apply version/ })).toBeVisible();
  await isPictured(page, 'mapping version proposed');
  await page.getByRole('button', { name: 'Discard' }).first().click();
  await expect(connector.page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('evidence and the audit log', async ({ page, browser }) => {
  await ensureConnector(browser);
  await signIn(page, ingrid, '/evidence');
  await expect(page.getByRole('heading', { name: 'Find proof', level: 1 })).toBeVisible();
  await isPictured(page, 'evidence');
  // The first import goes back 24 hours: a day before the present hour has most of its items.
  const day = new Date(Date.now() - 12 * 3_600_000).toISOString().slice(0, 10);
  await visit(page, `/evidence?q=${day}`, 'evidence of a day', `Day ${day} (UTC)`);
  await page.getByRole('list', { name: 'Items, newest first' }).getByRole('link').first().click();
  await expect(page.getByRole('list', { name: /^Proof of item/ })).toBeVisible();
  await isPictured(page, 'evidence of an item');
  await visit(page, '/evidence?q=nothing-like-this', 'evidence, no match', /No match|nothing/i);
  await page.getByRole('button', { name: 'Create evidence package' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await isPictured(page, 'evidence package');
  await visit(page, '/audit-log', 'audit log', 'Audit log');
  await page
    .getByRole('button', { name: /^Details/ })
    .first()
    .click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await isPictured(page, 'audit log, an entry');
  await visit(page, '/audit-log?who=nobody', 'audit log, no match', 'No match.');
  await visit(page, '/data-connectors/connectors', 'connectors, for an auditor', SHOWN.name);
});
