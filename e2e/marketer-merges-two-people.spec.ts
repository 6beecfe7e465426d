import type { ProfileId } from '@/lib/db/ids';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles, previewMerge } from '@/lib/people/merge-two';
import { updateProfile } from '@/lib/profiles/commands';
import { addProfiles, addTag, endSessions, expect, personOf, test, type Account } from './fixtures';

async function rename(account: Account, profileId: ProfileId, attributes: Record<string, string>) {
  const input = { sectionId: account.section.id, profileId, keys: [], attributes };
  expect(await updateProfile(await personOf(account, 'admin'), input)).toMatchObject({ ok: true });
}

test('a marketer finds that an address belongs to another profile, compares the two, and merges them', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const [older, newer] = (await addProfiles(account, 2)) as [ProfileId, ProfileId];
  await rename(account, older, { firstname: 'Karin', lastname: 'Holm', birthdate: '1980-02-01' });
  await rename(account, newer, { firstname: 'Carin', lastname: 'Holm' });
  await addTag(account, 'Trade show', [newer]);
  await addTag(account, 'VIP', [older]);
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles/${newer}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Email').fill('person1@example.com');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Karin Holm already has person1@example.com.')).toBeVisible();
  await page.getByRole('link', { name: 'merge the two' }).click();

  await expect(page.getByRole('heading', { name: 'Merge two profiles' })).toBeVisible();
  await expect(page.getByText('1 Feb 1980')).toBeVisible();
  await expect(page.getByText('Trade show comes from Carin Holm')).toBeVisible();
  const names = page.getByRole('radiogroup', { name: 'First name' });
  await expect(names.getByRole('radio', { name: 'Karin' })).toBeChecked();
  await names.getByRole('radio', { name: 'Carin' }).focus();
  await page.keyboard.press('Space');
  await expect(names.getByRole('radio', { name: 'Carin' })).toBeChecked();
  await expectAccessible();
  await page.getByRole('button', { name: 'Merge…' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Merge for good?' });
  await expect(dialog).toContainText('This cannot be undone.');
  await expectAccessible();
  // What is for good is not done by a press too many.
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Merge for good' }).press('Enter');

  await expect(page.getByRole('heading', { name: 'Carin Holm' })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/profiles/${older}$`));
  const chips = page.getByRole('list', { name: 'Tags on this profile' }).getByRole('listitem');
  await expect(chips).toHaveText(['Trade show', 'VIP']);
  const line = page.getByRole('listitem').filter({ hasText: 'merged into this profile' });
  await expect(line).toContainText('Tag: Trade show');
  await expect(line).toContainText('Email: person2@example.com → person1@example.com');
  // The old address leads to the remaining profile.
  await page.goto(`/${account.section.slug}/profiles/${newer}`);
  await expect(page).toHaveURL(new RegExp(`/profiles/${older}$`));
});

test('a marketer merges from a profile while somebody else edits, merges or erases one of the two', async ({
  page,
  account,
  signIn,
}) => {
  const [first, second, third] = (await addProfiles(account, 3)) as [ProfileId, ProfileId, ProfileId];
  const admin = await personOf(account, 'admin');
  const sectionId = account.section.id;
  await signIn('user');
  await page.goto(`/${account.section.slug}/profiles/${second}`);
  await page.getByRole('button', { name: 'Merge with…' }).click();
  await page.getByRole('combobox', { name: 'The other entry' }).fill('person1@');
  await page.getByRole('option', { name: /Person 1/ }).click();
  const names = page.getByRole('radiogroup', { name: 'Last name' });
  await names.getByText('2', { exact: true }).click();

  await rename(account, first, { firstname: 'Ada' });
  const merge = async () => {
    await page.getByRole('button', { name: 'Merge…' }).click();
    await page.getByRole('button', { name: 'Merge for good' }).click();
  };
  await merge();
  await expect(page.getByText('Someone changed one of the two profiles')).toBeVisible();
  await expect(page.getByRole('radiogroup', { name: 'First name' })).toContainText('Ada');
  await expect(names.getByRole('radio', { name: '2', exact: true })).toBeChecked();

  // The session ends while the dialog is open: the choices are kept.
  await endSessions(account, 'user');
  await merge();
  const ended = page.getByRole('alertdialog', { name: 'Your session has ended' });
  await expect(ended).toBeVisible();
  await signIn('user');
  await ended.getByText('Close', { exact: true }).click();
  await expect(names.getByRole('radio', { name: '2', exact: true })).toBeChecked();

  const shown = await previewMerge(admin, { sectionId, profileId: first, otherId: second });
  if (!shown.ok) throw new Error(shown.refusal.message);
  const { into, from } = shown.value;
  const seen = { into: into.updatedAt, from: from.updatedAt };
  await mergeTwoProfiles(admin, { sectionId, into: first, from: second, take: [], seen });
  await merge();
  await expect(page.getByText('Someone has merged these two profiles already.').first()).toBeVisible();

  await page.goto(`/${account.section.slug}/profiles/${third}/merge/${first}`);
  await expect(page.getByRole('button', { name: 'Merge…' })).toBeVisible();
  await eraseProfile(admin, { sectionId, profileId: third });
  await merge();
  await expect(page.getByText('One of the two profiles has been deleted. Nothing was merged.').first()).toBeVisible();
});
