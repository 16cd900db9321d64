import { expect, type Locator, type Page } from '@playwright/test';
import type { PersonOfTest } from '../world.ts';
import { chooseAccount } from './sign-in.ts';

interface Kind {
  readonly slug: string;
  readonly name: string;
}

/** The wizard that adds a connector, as somebody sees it who fills it in. */
export class Wizard {
  readonly page: Page;
  readonly kind: Kind;

  constructor(page: Page, kind: Kind) {
    this.page = page;
    this.kind = kind;
  }

  /** From the catalogue through the description into step 1. */
  async begin(): Promise<void> {
    const { page, kind } = this;
    await page.goto('/data-connectors');
    await page
      .getByRole('link', { name: new RegExp(kind.name) })
      .first()
      .click();
    await expect(page.getByRole('heading', { name: kind.name, level: 1 })).toBeVisible();
    const add = page.getByRole('button', { name: 'Add connector' });
    const discard = page.getByRole('button', { name: 'Discard draft' });
    await expect(add.or(discard)).toBeVisible();
    // What a run that broke off has left behind.
    if (await discard.isVisible()) await this.discard();
    await add.click();
    await this.isAt('Terms of service');
  }

  /** On the description of a connector that has a draft. */
  async discard(): Promise<void> {
    await this.page.getByRole('button', { name: 'Discard draft' }).click();
    await this.page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
    await expect(this.page.getByRole('button', { name: 'Add connector' })).toBeVisible();
  }

  async isAt(step: string): Promise<void> {
    await expect(this.page.getByRole('heading', { name: step, level: 1 })).toBeVisible();
  }

  get problem(): Locator {
    return this.page.getByRole('main').getByRole('alert').filter({ hasText: /./ });
  }

  next(): Promise<void> {
    return this.page.getByRole('button', { name: 'Next', exact: true }).click();
  }

  async acceptTerms(): Promise<void> {
    await this.page.getByRole('button', { name: 'Accept', exact: true }).click();
    await this.isAt('Login to TeleMessage');
  }

  async enterAccount(account: { readonly username: string; readonly password: string }): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Username' }).fill(account.username);
    await this.page.getByRole('textbox', { name: 'Password' }).fill(account.password);
    await this.next();
  }

  /** Signs in to TeleMessage and closes the confirmation. */
  async login(account: { readonly username: string; readonly password: string; readonly name: string }): Promise<void> {
    await this.enterAccount(account);
    const named = { name: 'Connector created' };
    const dialog = this.page.getByRole('dialog', named).or(this.page.getByRole('alertdialog', named));
    await expect(dialog).toContainText(`Account ${account.name}`);
    await expect(dialog).toContainText(/\d registered users/);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await this.next();
    await this.isAt('User mapping');
  }

  async keepAutomaticMapping(): Promise<void> {
    await expect(this.page.getByRole('switch', { name: 'Automatic user mapping' })).toBeChecked();
    await this.next();
    await this.isAt('Admin consent');
  }

  async chooseFile(name: string, content: string): Promise<void> {
    await this.page
      .locator('input[type=file]')
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content, 'utf8') });
  }

  /** Opens Entra ID's window and answers there. */
  async consent(person: PersonOfTest, decision: 'Accept' | 'Cancel'): Promise<void> {
    const opened = this.page.waitForEvent('popup');
    await this.page.getByRole('button', { name: 'Give consent' }).click();
    await answerConsent(await opened, person, decision);
  }

  check(name: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: new RegExp(`^${name}:`) });
  }

  async consentIsProven(): Promise<void> {
    await expect(this.page.getByText('Consent is given.')).toBeVisible();
    for (const name of ['Consent', 'Directory', 'A mailbox']) await expect(this.check(name)).toContainText('Passed');
  }
}

/** Entra ID's consent page, wherever it was opened. */
export async function answerConsent(page: Page, person: PersonOfTest, decision: 'Accept' | 'Cancel'): Promise<void> {
  const question = page.getByRole('heading', { name: 'Permissions requested' });
  await expect(question.or(page.getByLabel('Use another account'))).toBeVisible();
  if (!(await question.isVisible())) await chooseAccount(page, person);
  await page.getByRole('button', { name: decision }).click();
}
