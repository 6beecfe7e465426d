import { expect, test } from './fixtures';

test('an integrator reads the guide and an operation, without signing in', async ({
  page,
  context,
  expectAccessible,
}) => {
  await page.goto('/api-reference');
  await expect(page.getByRole('heading', { name: 'First call in two minutes' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Back to Tagwell' })).toHaveAttribute('href', '/');
  expect(await page.evaluate(() => document.fonts.ready.then((fonts) => fonts.check('15px "Inter Variable"')))).toBe(
    true,
  );
  await expectAccessible();
  await page.getByRole('link', { name: 'Apply and remove tags', exact: true }).click();
  const operation = page.getByRole('article').filter({ hasText: 'Creates the profile. All or nothing.' }).last();
  await expect(operation).toBeInViewport();
  await expect(operation.getByText(/curl -X PATCH "http.*andy\.demo%40apsis\.com/)).toBeVisible();
  await context.grantPermissions(['clipboard-write']);
  await operation.getByRole('button', { name: 'Copy' }).first().click();
  await expect(operation.getByRole('button', { name: 'Copied' })).toBeVisible();
  await page.evaluate(() => (navigator.clipboard.writeText = () => Promise.reject(new Error('The browser refuses.'))));
  await page.getByRole('button', { name: 'Copy', exact: true }).first().click();
  await expect(page.getByRole('button', { name: 'Press Ctrl+C' })).toBeVisible();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 800 });
  await expectAccessible(page, '.operation ~ .operation');
});
