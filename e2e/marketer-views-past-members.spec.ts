import { pool, transaction } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { addProfiles, addTag, expect, test } from './fixtures';

const DAY_MS = 86_400_000;

test('a marketer sees who was in a segment on a day, and who joined and left between two days', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const people = await addProfiles(account, 10);
  await execute(
    pool(),
    sql`update profile set created_at = now() - interval '1 year' where section_id = ${account.section.id}`,
  );
  const vip = await addTag(account, 'VIP');
  const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
  const day = (days: number) => daysAgo(days).toISOString().slice(0, 10);
  const change = (ids: typeof people, apply: boolean, at: Date) =>
    transaction((tx) =>
      changeTags(
        tx,
        { sectionId: account.section.id, source: 'user', userId: null, at },
        wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, {
          apply: apply ? [vip] : [],
          remove: apply ? [] : [vip],
        }),
      ),
    );
  await change(people.slice(0, 6), true, daysAgo(60));
  await change(people.slice(0, 2), false, daysAgo(30));
  await change(people.slice(6, 9), true, daysAgo(10));

  await signIn('user');
  await page.goto(`/${account.section.slug}/segments/new?has=${vip}`);
  await page.getByLabel('Name', { exact: true }).fill('VIPs');
  await page.getByRole('button', { name: 'Save segment' }).click();
  const members = page.getByRole('region', { name: 'Members', exact: true });
  await expect(members).toContainText('7 profiles');

  await members.getByRole('combobox', { name: 'When' }).selectOption('as of a date');
  await expect(members).toContainText('Choose a date');
  await members.getByLabel('As of').fill(day(45));
  await expect(members).toContainText('6 profiles were in it');
  await expect(members.getByRole('link', { name: 'Person 1', exact: true })).toBeVisible();
  await expectAccessible();
  await members.getByRole('link', { name: 'Why? Person 1', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Why Person 1 is in this segment' })).toBeVisible();
  await expect(page.getByText(/As it was at the end of/)).toBeVisible();
  await page.goBack();

  await members.getByRole('combobox', { name: 'When' }).selectOption('between two dates');
  await members.getByLabel('From').fill(day(45));
  await members.getByLabel('To').fill(day(1));
  await expect(members).toContainText('6 → 7:');
  await expect(members.getByRole('button', { name: '3 joined' })).toBeVisible();
  await expect(members.getByRole('link', { name: 'Person 9', exact: true })).toBeVisible();
  await members.getByRole('button', { name: '2 left' }).click();
  await expect(members.getByRole('link', { name: 'Person 2', exact: true })).toBeVisible();
  await expect(members.getByRole('link', { name: 'Person 9', exact: true })).toBeHidden();
  await expectAccessible();
  await members.getByLabel('To').fill(day(50));
  await expect(members).toContainText('The second date is before the first.');

  await page.goto(`/${account.section.slug}/profiles/${people[8]}`);
  const card = page.getByRole('region', { name: 'Segments' });
  await expect(card.getByRole('link', { name: 'VIPs', exact: true })).toBeVisible();
  await page.goto(`/${account.section.slug}/profiles/${people[0]}`);
  await card.getByRole('combobox', { name: 'Why not in another segment' }).selectOption('VIPs');
  await expect(page.getByRole('heading', { name: 'Why Person 1 is not in this segment' })).toBeVisible();
});
