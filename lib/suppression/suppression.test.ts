// The suppression list: what is on it, which reason stays, who is stopped, and what outlives a person.
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { Channel, ConsentType } from '@/lib/consents/schema';
import { changeConsents } from '@/lib/consents/change';
import { createTopic } from '@/lib/consents/topics';
import type { ProfileId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { createProfile } from '@/lib/profiles/commands';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { setTopicHidden } from '@/lib/used-in/topics';
import { addSuppressions, liftAddresses, liftSuppression } from './commands';
import { addressOf, mayReceive, type MessageKind } from './may-receive';
import { readSuppressions, suppressionsOf } from './reads';
import type { SuppressionReason } from './schema';

let account: TestAccount;
let topicId: TopicId;

beforeAll(async () => {
  account = await createTestAccount();
  topicId = valueOf(await createTopic(account.admin, { sectionId: account.sectionId, name: 'News' })).id;
});

const emailOf = (name: string) => `${name}.${Math.random().toString(36).slice(2, 8)}@example.com`;

async function create(email: string, mobile?: string): Promise<ProfileId> {
  const keys = [
    { keyspaceId: account.keyspaces.email, key: email },
    ...(mobile ? [{ keyspaceId: account.keyspaces.mobile, key: mobile }] : []),
  ];
  const made = await createProfile(account.marketer, { sectionId: account.sectionId, keys, attributes: {} });
  return valueOf(made).id;
}

const add = async (address: string, reason: SuppressionReason, more: { channel?: Channel; evidence?: string } = {}) =>
  valueOf(
    await addSuppressions(account.admin, {
      sectionId: account.sectionId,
      groups: [{ channel: more.channel ?? 'email', addresses: [address], reason, evidence: more.evidence ?? '' }],
    }),
  );

const list = async (search: string, lifted = false) =>
  valueOf(await readSuppressions(account.marketer, { sectionId: account.sectionId, search, lifted, limit: 50 }));

describe('the list', () => {
  it('spells addresses as keys are, says what it could not read, and has each address once', async () => {
    const address = emailOf('ann');
    const done = valueOf(
      await addSuppressions(account.admin, {
        sectionId: account.sectionId,
        groups: [{ channel: 'email', addresses: [` ${address.toUpperCase()} `, address, 'nobody'] }],
      }),
    );
    expect(done).toMatchObject({ added: 1, changed: 0, already: 1, unreadable: 1, invalid: [{ index: 2 }] });
    expect(await list(address.slice(0, 8))).toMatchObject([{ address, reason: 'manual', by: 'Test admin' }]);
    expect(await list(`  ${address.toUpperCase()}`)).toHaveLength(1);
    expect(await list('%')).toEqual([]);
  });

  it('finds a mobile number by how people write it', async () => {
    await add('+46 70 123 45 67', 'hard', { channel: 'sms' });
    expect(await list('+46 70 123 45 67')).toMatchObject([{ channel: 'sms', address: '46701234567' }]);
    expect(await list('+4670')).toHaveLength(1);
  });

  it('keeps the heaviest reason, and a lifted entry beside a new one', async () => {
    const address = emailOf('bo');
    expect(await add(address, 'hard', { evidence: '550 unknown user' })).toMatchObject({ added: 1 });
    expect(await add(address, 'soft')).toMatchObject({ added: 0, changed: 0, already: 1 });
    expect(await add(address, 'complaint')).toMatchObject({ added: 0, changed: 1 });
    const [entry] = await list(address);
    expect(entry).toMatchObject({ reason: 'complaint', evidence: '' });
    const lift = { sectionId: account.sectionId, id: entry!.id, reason: 'Asked for it again by phone' };
    expect(await liftSuppression(account.marketer, lift)).toMatchObject({ refusal: { code: 'not_allowed' } });
    expect(await liftSuppression(account.admin, { ...lift, reason: ' ' })).toMatchObject({
      refusal: { field: 'reason' },
    });
    valueOf(await liftSuppression(account.admin, lift));
    expect(await liftSuppression(account.admin, lift)).toMatchObject({ refusal: { code: 'conflict' } });
    expect(await list(address)).toEqual([]);
    await add(address, 'soft');
    expect(await list(address)).toMatchObject([{ reason: 'soft' }]);
    expect(await list(address, true)).toMatchObject([{ reason: 'complaint', liftedBy: 'Test admin' }]);
    const again = { sectionId: account.sectionId, channel: 'email', addresses: [address], reason: 'Tested' };
    expect(valueOf(await liftAddresses(account.admin, again))).toEqual({ lifted: 1, complaints: 0 });
  });

  it('is for Admins to change, and for everyone of the section to see', async () => {
    const groups = [{ channel: 'email', addresses: [emailOf('cy')] }];
    const input = { sectionId: account.sectionId, groups };
    expect(await addSuppressions(account.marketer, input)).toMatchObject({ refusal: { code: 'not_allowed' } });
    const stranger = await createTestAccount();
    expect(await addSuppressions(stranger.admin, input)).toMatchObject({ refusal: { code: 'not_found' } });
  });

  it('outlives the person, with nothing but the address', async () => {
    const address = emailOf('eve');
    const profileId = await create(address);
    await add(address, 'hard', { evidence: 'Eve Smith has left the company' });
    expect(await suppressionsOf(pool(), account.sectionId, profileId)).toMatchObject([
      { channel: 'email', reason: 'hard' },
    ]);
    valueOf(await eraseProfile(account.marketer, { sectionId: account.sectionId, profileId }));
    expect(await list(address)).toMatchObject([{ address, reason: 'hard', evidence: '' }]);
    const again = await create(address);
    expect(await suppressionsOf(pool(), account.sectionId, again)).toHaveLength(1);
  });
});

describe('who may receive a message', () => {
  const consent = (profileId: ProfileId, channel: Channel, type: ConsentType) =>
    transaction((tx) =>
      changeConsents(
        tx,
        { sectionId: account.sectionId, source: 'user', userId: null },
        sql`select ${profileId}::bigint as profile_id, ${topicId}::int as topic_id, ${channel}::text as channel,
            ${type}::text as type, '' as reason, '' as source, '' as wording, '' as proof`,
      ),
    );

  async function may(profileId: ProfileId, kind: MessageKind, channel: Channel = 'email'): Promise<boolean> {
    const message = { sectionId: account.sectionId, channel, topics: [topicId], kind };
    const { may: answer } = await one<{ may: boolean }>(
      pool(),
      sql`
        select ${mayReceive(message, { profileId: sql`person.id`, address: sql`person.address` })} as may
        from (
          select profile.id, ${addressOf(account.sectionId, channel, sql`profile.id`)} as address
          from profile where profile.section_id = ${account.sectionId} and profile.id = ${profileId}
        ) person`,
    );
    return answer;
  }

  it('needs consent for marketing, on the channel; an opt-out, a pending one or no address is none', async () => {
    const [ann, bo] = [await create(emailOf('ann'), '+46701112233'), await create(emailOf('bo'))];
    expect([await may(ann, 'marketing'), await may(ann, 'service')]).toEqual([false, true]);
    for (const [type, expected] of [
      ['pending-opt-in', false],
      ['opt-in', true],
      ['confirmed-opt-in', true],
      ['opt-out', false],
    ] as const) {
      await consent(ann, 'email', type);
      expect({ type, may: await may(ann, 'marketing') }).toEqual({ type, may: expected });
    }
    await consent(bo, 'sms', 'opt-in');
    expect([await may(bo, 'marketing', 'sms'), await may(ann, 'marketing', 'sms')]).toEqual([false, false]);
  });

  it('is stopped by the list: by a bounce or complaint altogether, by other reasons for marketing', async () => {
    for (const [reason, service] of [
      ['manual', true],
      ['soft', true],
      ['hard', false],
      ['complaint', false],
    ] as const) {
      const address = emailOf(reason);
      const profileId = await create(address);
      await consent(profileId, 'email', 'confirmed-opt-in');
      expect(await may(profileId, 'marketing')).toBe(true);
      await add(address, reason);
      expect({
        reason,
        marketing: await may(profileId, 'marketing'),
        service: await may(profileId, 'service'),
      }).toEqual({
        reason,
        marketing: false,
        service,
      });
    }
  });

  it('does not depend on whether a topic is hidden: hiding one is no withdrawal', async () => {
    const profileId = await create(emailOf('hidden'));
    await consent(profileId, 'email', 'opt-in');
    valueOf(await setTopicHidden(account.admin, { sectionId: account.sectionId, topicId, hidden: true }));
    expect(await may(profileId, 'marketing')).toBe(true);
    expect(await rows(pool(), sql`select type from consent where profile_id = ${profileId}`)).toHaveLength(1);
  });
});
