import { expect, type Page } from '@playwright/test';
import type { PersonOfTest } from '../world.ts';

/** Signs in as a person does: work e-mail, then the account at Entra ID's own page. */
export async function signIn(page: Page, person: PersonOfTest, path = '/data-connectors'): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { name: 'Sign in to Data connectors' })).toBeVisible();
  await page.getByLabel('Work e-mail').fill(person.address);
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).click();
  await chooseAccount(page, person);
}

/** The account page of Entra ID. */
export async function chooseAccount(page: Page, person: PersonOfTest): Promise<void> {
  await page.getByLabel('Use another account').fill(person.address);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
