import type { KeyspaceId, ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { updateProfile } from '@/lib/profiles/commands';
import { addProfiles, expect, personOf, test, type Account } from './fixtures';

async function fill(account: Account, profileId: ProfileId, attributes: Record<string, string>, email?: string) {
  const admin = await personOf(account, 'admin');
  const { id: keyspaceId } = await one<{ id: KeyspaceId }>(
    pool(),
    sql`select id from keyspace where account_id = ${account.id} and kind = 'email'`,
  );
  const keys = email ? [{ keyspaceId, key: email }] : [];
  const input = { sectionId: account.section.id, profileId, keys, attributes };
  expect(await updateProfile(admin, input)).toMatchObject({ ok: true });
}

test('a marketer finds people who are there twice, dismisses one pair and merges another', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const [karin, carin, per, pelle] = (await addProfiles(account, 5)) as [ProfileId, ProfileId, ProfileId, ProfileId];
  const birthdate = '1980-02-01';
  await fill(account, karin, { firstname: 'Karin', lastname: 'Holm', birthdate });
  await fill(account, carin, { firstname: 'karin', lastname: 'HOLM', birthdate });
  await fill(account, per, { firstname: 'Per', lastname: 'Ek' }, 'per.ek@gmail.com');
  await fill(account, pelle, { firstname: 'Pelle', lastname: 'Ek' }, 'perek+news@gmail.com');
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles`);
  await page.getByRole('link', { name: 'Possible duplicates' }).click();
  await expect(page.getByRole('heading', { name: 'Find people who are here twice' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Look for duplicates' }).click();

  const pairs = page.getByRole('article');
  await expect(pairs).toHaveCount(2);
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await expect(pairs.nth(0)).toContainText('Two email addresses of one mailbox');
  await expect(pairs.nth(1)).toContainText('Same name and birthday');
  await expect(pairs.nth(1)).toContainText('1 Feb 1980');
  await expectAccessible();

  await pairs.nth(1).getByRole('button', { name: 'Not the same person' }).click();
  await expect(pairs).toHaveCount(1);
  const undo = page.getByRole('button', { name: 'Undo' });
  await page.keyboard.press('F6');
  await expect(undo).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(pairs).toHaveCount(2);

  // A decision that is taken back in the other list: the pair is there again, and only the last toast stays.
  await pairs.nth(1).getByRole('button', { name: 'Not the same person' }).click();
  await expect(pairs).toHaveCount(1);
  await page.getByRole('link', { name: 'Not the same person 1' }).click();
  await page.getByRole('button', { name: 'They may be the same person' }).click();
  await expect(page.getByRole('heading', { name: 'No decisions yet' })).toBeVisible();
  await expect(undo).toHaveCount(1);
  await page.getByRole('link', { name: 'To decide 2' }).click();
  await expect(pairs).toHaveCount(2);

  // Without a connection, the page stays.
  await page.context().setOffline(true);
  await pairs.nth(1).getByRole('button', { name: 'Not the same person' }).click();
  await expect(page.getByText('The server is not responding.')).toBeVisible();
  await expect(pairs).toHaveCount(2);
  await page.context().setOffline(false);
  await pairs.nth(1).getByRole('button', { name: 'Not the same person' }).click();
  await expect(pairs).toHaveCount(1);
  await expect(pairs.nth(0)).toBeFocused();

  await pairs.nth(0).getByRole('link', { name: 'Merge…' }).click();
  await expect(page.getByRole('heading', { name: 'Merge two profiles' })).toBeVisible();
  await page.getByRole('button', { name: 'Merge…' }).click();
  await page.getByRole('button', { name: 'Merge for good' }).click();
  await expect(page.getByRole('heading', { name: 'No possible duplicates' })).toBeVisible();
  await expect(page.getByText('“Pelle Ek” is now part of “Per Ek”')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Possible duplicates', exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Merge…' })).toHaveCount(0);

  // The decision outlasts the next look, and can be taken back.
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect(page.getByRole('region', { name: 'Notifications' })).toContainText('4 profiles compared');
  await expect(page.getByRole('heading', { name: 'No possible duplicates' })).toBeVisible();
  await page.getByRole('link', { name: 'Not the same person 1' }).click();
  await expect(pairs).toContainText('says Mia Marketer');
  await expectAccessible();
  await page.getByRole('button', { name: 'They may be the same person' }).click();
  await expect(page.getByRole('heading', { name: 'No decisions yet' })).toBeVisible();

  await page.goto(`/${account.section.slug}/profiles/${carin}`);
  const notice = page.getByRole('region', { name: 'Possible duplicates' });
  await expect(notice).toContainText('May be the same person as Karin Holm · Same name and birthday');
  await expectAccessible();
  await notice.getByRole('button', { name: 'Not the same person' }).click();
  await expect(notice).toHaveCount(0);
});

test.describe('on a phone in the dark', () => {
  test.use({ onPhone: true });

  test('a marketer compares two people', async ({ page, account, signIn, expectAccessible }) => {
    const [first, second] = (await addProfiles(account, 2)) as [ProfileId, ProfileId];
    const same = { firstname: 'Karin-Margareta', lastname: 'Holmqvist-Lindström', birthdate: '1980-02-01' };
    await fill(account, first, same);
    await fill(account, second, same);
    await signIn('user');
    await page.goto(`/${account.section.slug}/profiles/duplicates`);
    await page.getByRole('button', { name: 'Look for duplicates' }).click();
    await expect(page.getByRole('article')).toHaveCount(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible();
  });
});
