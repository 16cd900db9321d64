import { expect, type Locator, type Page } from '@playwright/test';

/** *User mapping* of a connector, and the pages of its versions. */
export class MappingPages {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** By the button, as the browser's own dialog would. */
  async choose(button: Locator, content: string, name = 'people.csv'): Promise<void> {
    const asking = this.page.waitForEvent('filechooser');
    await button.click();
    await (await asking).setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  }

  async uploadNew(content: string, name?: string): Promise<void> {
    await this.choose(this.page.getByRole('button', { name: 'Upload new version' }), content, name);
  }

  /** *Check*, *Difference* or *Effect*. */
  block(title: string | RegExp): Locator {
    return this.page.getByRole('region', { name: title });
  }

  get check(): Locator {
    return this.block('Check');
  }

  get difference(): Locator {
    return this.block(/^(Difference with|No mapping is in force yet|Every row)/);
  }

  get effect(): Locator {
    return this.block('Effect');
  }

  tile(kind: string): Locator {
    return this.difference.getByRole('link', { name: new RegExp(`^${kind} [\\d,]+$`) });
  }

  /** The counts on the tiles. */
  async counts(expected: Readonly<Record<string, number>>): Promise<void> {
    for (const [kind, count] of Object.entries(expected)) {
      await expect(this.difference.getByRole('link', { name: `${kind} ${count}`, exact: true })).toBeVisible();
    }
  }

  get rows(): Locator {
    return this.difference.getByRole('table').getByRole('row');
  }

  row(text: string): Locator {
    return this.rows.filter({ hasText: text });
  }

  get applyButton(): Locator {
    return this.effect.getByRole('button', { name: /^Apply version \d+$/ });
  }

  async apply(why: string): Promise<void> {
    await this.effect.getByLabel('Why?').fill(why);
    await this.applyButton.click();
  }

  /** What is in force, after it was applied here. */
  async isInForce(version: number): Promise<void> {
    await expect(this.page.getByText(`Version ${version} is in force.`)).toBeVisible();
    await expect(this.block('Version in force')).toContainText(`Version${version}`);
  }

  /** A line of the list of versions. */
  version(number: number): Locator {
    return this.page
      .getByRole('table', { name: 'Mapping versions' })
      .getByRole('row')
      .filter({ has: this.page.getByRole('link', { name: new RegExp(` version ${number}$`) }) });
  }
}
