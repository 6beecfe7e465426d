// Notes on profiles: who may do what, and what becomes of them.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { readTimeline } from '@/lib/people/reads';
import { createProfile } from '@/lib/profiles/commands';
import { getProfile } from '@/lib/profiles/queries';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { addNote, deleteNote, editNote } from './commands';
import { readNotes } from './reads';

let account: TestAccount;
let of: { sectionId: TestAccount['sectionId'] };
beforeAll(async () => {
  account = await createTestAccount();
  of = { sectionId: account.sectionId };
});

async function create(): Promise<ProfileId> {
  const keys = [{ keyspaceId: account.keyspaces.email, key: `${randomUUID()}@example.com` }];
  return valueOf(await createProfile(account.marketer, { ...of, keys, attributes: {} })).id;
}

const add = async (profileId: ProfileId, text: string) =>
  valueOf(await addNote(account.marketer, { ...of, profileId, text })).id;
const notes = async (profileId: ProfileId, as = account.marketer) =>
  valueOf(await readNotes(as, { ...of, profileId })).notes;

it('keeps text as it was written, for the author to edit and delete, and nobody else', async () => {
  const profileId = await create();
  const text = '<b>Bold</b> & “quoted”\n\nשלום 👩‍🔬';
  const noteId = await add(profileId, `  ${text.replaceAll('\n', '\r\n')}\n`);
  expect(await notes(profileId)).toMatchObject([{ text, by: 'Test user', own: true, editedAt: null }]);
  expect(await notes(profileId, account.admin)).toMatchObject([{ text, own: false }]);
  expect(await editNote(account.admin, { ...of, noteId, text: 'Mine' })).toMatchObject({
    ok: false,
    refusal: { code: 'not_allowed' },
  });
  expect(await deleteNote(account.admin, { ...of, noteId })).toMatchObject({ refusal: { code: 'not_allowed' } });
  valueOf(await editNote(account.marketer, { ...of, noteId, text: 'Changed' }));
  const [edited] = await notes(profileId);
  expect(edited).toMatchObject({ text: 'Changed' });
  expect(edited!.editedAt).not.toBeNull();
  valueOf(await deleteNote(account.marketer, { ...of, noteId }));
  expect(await notes(profileId)).toEqual([]);
  expect(await editNote(account.marketer, { ...of, noteId, text: 'Late' })).toMatchObject({
    refusal: { code: 'not_found' },
  });
});

it('refuses a note without text or with too much of it, and on a profile that has gone', async () => {
  const profileId = await create();
  for (const text of [' \n ', 'x'.repeat(5_001), 'x'.repeat(20_000)])
    expect(await addNote(account.marketer, { ...of, profileId, text })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field: 'text' },
    });
  valueOf(await eraseProfile(account.marketer, { ...of, profileId }));
  expect(await addNote(account.marketer, { ...of, profileId, text: 'Late' })).toMatchObject({
    refusal: { code: 'not_found' },
  });
});

it('are at most 500 on a profile, also when several are added at once', async () => {
  const [profileId, other] = [await create(), await create()];
  await rows(
    pool(),
    sql`
      insert into profile_note (section_id, profile_id, text, at, user_id)
      select ${of.sectionId}, ${profileId}, 'Called', ${new Date()}, ${account.marketer.userId} from generate_series(1, 498)`,
  );
  const texts = Array.from({ length: 6 }, (_, nth) => `Note ${nth}`);
  const results = await Promise.all(texts.map((text) => addNote(account.marketer, { ...of, profileId, text })));
  expect(results.filter(({ ok }) => ok)).toHaveLength(2);
  expect(results.find(({ ok }) => !ok)).toMatchObject({
    refusal: { code: 'conflict', message: expect.stringContaining('at most 500 notes') as string },
  });
  expect(await rows(pool(), sql`select from profile_note where profile_id = ${profileId}`)).toHaveLength(500);
  const read = async (skip?: number) => valueOf(await readNotes(account.marketer, { ...of, profileId, skip }));
  const newest = await read();
  expect([newest.notes.length, newest.older]).toEqual([50, true]);
  const others = await read(50);
  expect([others.notes.length, others.older]).toEqual([450, false]);
  expect(new Set([...newest.notes, ...others.notes].map(({ id }) => id)).size).toBe(500);
  await add(other, 'Elsewhere there is room');
});

it('follows a merge, stands in the timeline, and goes with the person', async () => {
  const [older, newer] = [await create(), await create()];
  await add(newer, 'Met at the trade show');
  const seen = {
    into: (await getProfile(pool(), of.sectionId, older))!.updatedAt,
    from: (await getProfile(pool(), of.sectionId, newer))!.updatedAt,
  };
  valueOf(await mergeTwoProfiles(account.marketer, { ...of, into: older, from: newer, take: [], seen }));
  expect(await notes(older)).toMatchObject([{ text: 'Met at the trade show' }]);
  const { items } = valueOf(await readTimeline(account.marketer, { ...of, profileId: older, only: 'notes' }));
  expect(items).toMatchObject([
    { icon: 'note', details: [{ after: 'Met at the trade show' }], from: 'By hand by Test user' },
  ]);
  valueOf(await eraseProfile(account.marketer, { ...of, profileId: older }));
  expect(await rows(pool(), sql`select from profile_note where profile_id = ${older}`)).toEqual([]);
});
