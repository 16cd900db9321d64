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

  async tab(name: 'Summary' | 'Imports' | 'Not imported' | 'User mapping' | 'Settings'): Promise<void> {
    const link = this.page
      .getByRole('navigation', { name: 'Connector' })
      .getByRole('link', { name: new RegExp(`^${name}`) });
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
  }

  /** What is said of one reason for not being imported, with its commands. */
  reason(sentence: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: sentence });
  }

  dialog(name: RegExp | string): Locator {
    return this.page.getByRole('dialog', { name });
  }
}
