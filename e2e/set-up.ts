// Creates the first account of an installation with its one-time link.
import { expect, type Page } from '@playwright/test';

/**
 * Follows the link that the server printed and creates the account 'Fjord AS' of olga@example.com. Returns the link.
 */
export async function setUpAccount(page: Page, { output }: { output: () => string }): Promise<string> {
  const link = /(http:\S+\/set-up\?token=\S+)/.exec(output())?.[1];
  if (!link) throw new Error('The server printed no set-up link.');
  await page.goto(link);
  await page.getByLabel('Company').fill('Fjord AS');
  await page.getByLabel('First section').fill('Norway');
  await page.getByLabel('Your name').fill('Olga');
  await page.getByLabel('Your email').fill('olga@example.com');
  await page.getByLabel('Password').fill('a long enough password');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByRole('heading', { name: 'Home' })).toBeVisible();
  return link;
}
