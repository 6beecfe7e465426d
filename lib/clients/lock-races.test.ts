// A key that is being locked while another writer takes it: the second writer is refused, and no profile has the key
// afterwards.
import { expect, it } from 'vitest';
import type { ClientActor } from '@/lib/access/actor';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { updateProfile } from '@/lib/profiles/commands';
import { createTestAccount, createTestProfiles } from '@/testing/fixtures';
import { hold, untilWaiting } from '@/testing/races';
import { expectInvariants } from '@/testing/invariants';
import { createByKey } from './one-profile';
import { lockPerson } from '@/lib/people/across-sections';
import { createMissing, openKeyspace } from '@/lib/profiles/keyspace';

async function begin() {
  const { accountId, sectionId, keyspaces, admin } = await createTestAccount();
  const client: ClientActor = {
    kind: 'client',
    apiKeyId: null as never,
    accountId,
    name: 'Web shop',
    sections: [sectionId],
    keyspaces: 'all',
    canWrite: true,
    from: { ip: null, userAgent: null },
  };
  const key = { keyspaceId: keyspaces.email, key: 'ann@example.com' };
  const held = () => rows(pool(), sql`select from profile_key where section_id = ${sectionId}`);
  return { accountId, sectionId, admin, client, key, held };
}

it('erases a person who is created with the key while it is being locked', async () => {
  const { accountId, sectionId, admin, client, key, held } = await begin();
  const making = await hold(async (tx) => {
    const place = await openKeyspace(tx, admin, accountId, { sectionId, keyspaceId: key.keyspaceId });
    await createMissing(tx, admin, place, [key.key]);
  });
  const locked = lockPerson(client, key);
  await untilWaiting();
  await making.commit();
  expect(await locked).toMatchObject({ ok: true });
  expect(await held()).toEqual([]);
  await expectInvariants();
});

it.each(['creating a profile with', 'giving a profile'] as const)(
  'refuses %s the key while it is being locked',
  async (how) => {
    const { sectionId, admin, client, key, held } = await begin();
    const [profileId] = await createTestProfiles(sectionId, 1);
    const stopped = await hold((tx) => rows(tx, sql`lock table locked_key in exclusive mode`));
    const locked = lockPerson(client, key);
    await untilWaiting();
    const wanted =
      how === 'giving a profile'
        ? updateProfile(admin, { sectionId, profileId, attributes: {}, keys: [key] })
        : createByKey(admin, { ...key, sectionId });
    await untilWaiting(2);
    await stopped.commit();
    expect(await locked).toMatchObject({ ok: true, value: { erased: [] } });
    expect(await wanted).toMatchObject({ ok: false, refusal: { code: 'locked' } });
    expect(await held()).toEqual([]);
    await expectInvariants();
  },
);
