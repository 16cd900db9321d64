import { expect, type Locator, type Page } from '@playwright/test';

/** The Connectors tab. */
export class ConnectorsTab {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`/data-connectors/connectors${query}`);
    await expect(this.page.getByRole('grid', { name: 'Connectors' })).toBeVisible();
  }

  row(name: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('link', { name, exact: true }) });
  }

  get flyout(): Flyout {
    return new Flyout(this.page.getByRole('dialog'));
  }
}

/** What opens beside the table. */
export class Flyout {
  readonly dialog: Locator;

  constructor(dialog: Locator) {
    this.dialog = dialog;
  }

  section(title: string): Locator {
    return this.dialog.locator('section').filter({ has: this.dialog.page().getByRole('heading', { name: title }) });
  }

  async close(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Close' }).click();
    await expect(this.dialog).toBeHidden();
  }
}
