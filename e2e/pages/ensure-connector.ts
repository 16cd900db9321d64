import { type Browser, expect } from '@playwright/test';
import { grantConsent } from '../sandbox.ts';
import { ALDER_BYRNE, KINDS } from '../world.ts';
import { ConnectorsTab } from './connectors.ts';
import { signIn } from './sign-in.ts';
import { Wizard } from './wizard.ts';

/** The connector that tests of the pages look at. */
export const SHOWN = KINDS.whatsapp;

/** At some hours nobody writes to the full mailbox for a day; for two days that does not happen. */
const SHOWN_MS = 48 * 3_600_000;

type Kind = (typeof KINDS)[keyof typeof KINDS];
type AccountOfTest = Parameters<Wizard['login']>[0];

/** Sets it up where it is not there yet, and waits until its first import is over. Any test may run first or alone. */
export async function ensureConnector(
  browser: Browser,
  kind: Kind = SHOWN,
  account: AccountOfTest = ALDER_BYRNE.account,
): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, ALDER_BYRNE.grace, `/data-connectors/connectors?search=${encodeURIComponent(kind.name)}`);
  const row = new ConnectorsTab(page).row(kind.name);
  await expect(row.or(page.getByText(/No connectors yet|No match/))).toBeVisible();
  if (!(await row.isVisible())) {
    await grantConsent(ALDER_BYRNE.domain);
    const wizard = new Wizard(page, kind);
    await wizard.begin();
    await wizard.acceptTerms();
    await wizard.login(account);
    await wizard.keepAutomaticMapping();
    await wizard.consentIsProven();
    await wizard.next();
    await wizard.isAt('Review');
    if (kind === SHOWN) {
      const since = new Date(Date.now() - SHOWN_MS).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length);
      await page.getByLabel(/Items that reached TeleMessage since/).fill(since);
    }
    await page.getByRole('button', { name: 'Finish' }).click();
    await new ConnectorsTab(page).flyout.close();
  }
  await expect(row).toContainText('Idle', { timeout: 120_000 });
  await expect(row.locator('time').first()).toBeVisible();
  await context.close();
}
