import { expect, type Locator, type Page } from '@playwright/test';
import type { PersonOfTest } from '../world.ts';
import { ConnectorsTab } from './connectors.ts';
import { hydrated } from './hydrated.ts';
import { signIn } from './sign-in.ts';

/** The pages of one connector. */
export class ConnectorPages {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Signs in, and goes there as people do. */
  async open(person: PersonOfTest, name: string): Promise<void> {
    await signIn(this.page, person, '/data-connectors/connectors');
    await new ConnectorsTab(this.page).row(name).getByRole('link', { name, exact: true }).click();
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible();
    await hydrated(this.page);
  }

  async tab(name: 'Summary' | 'Imports' | 'Not imported' | 'User mapping' | 'Settings' | 'History'): Promise<void> {
    const link = this.page
      .getByRole('navigation', { name: 'Connector' })
      .getByRole('link', { name: new RegExp(`^${name}`) });
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
  }

  /** *Import a past range*, from so many days ago to yesterday, and waits until all of it is there. On *Imports*. */
  async importDaysBefore(days: number): Promise<void> {
    const rows = this.page.getByRole('table', { name: 'Imports' }).getByRole('row');
    const completed = rows.filter({ hasText: 'Completed' });
    const before = await completed.count();
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    await this.page.getByRole('button', { name: 'Import a past range' }).click();
    const dialog = this.dialog('Import a past range again');
    await dialog.getByLabel('First day (UTC)').fill(day(days));
    await dialog.getByLabel('Last day (UTC)').fill(day(1));
    await dialog.getByRole('button', { name: 'Import a past range' }).click();
    await expect(this.page.getByText(/Earlier days are on their way\./)).toBeVisible();
    // Yesterday's first hours are a window of their own: what the first import began with is there.
    await expect.poll(() => completed.count(), { timeout: 120_000 }).toBeGreaterThanOrEqual(before + days);
    await expect(this.page.getByRole('button', { name: /^Cancel import/ })).toHaveCount(0, { timeout: 120_000 });
  }

  /** What is said of one reason for not being imported, with its commands. */
  reason(sentence: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: sentence });
  }

  dialog(name: RegExp | string): Locator {
    return this.page.getByRole('dialog', { name });
  }
}
