// Who gets a message: counts, samples and the relation that a send is frozen from agree with a plain evaluation in memory for
// random audiences, and nothing is counted with a part that has been lost.
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeConsents } from '@/lib/consents/change';
import { CHANNELS, CONSENT_TYPES, type Channel, type ConsentType } from '@/lib/consents/schema';
import { createTopic } from '@/lib/consents/topics';
import type { KeyspaceId, MessageId, ProfileId, SectionId, SegmentId, TagId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createSegment } from '@/lib/segments/commands';
import { liftAddresses, addSuppressions } from '@/lib/suppression/commands';
import { addressOf, mayReceive, type MessageKind } from '@/lib/suppression/may-receive';
import { REASONS, STOPS_ALL, type SuppressionReason } from '@/lib/suppression/schema';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { allOf, hasNotTag, hasTag, rulesOf, tagProfiles, valueOf } from '@/testing/segments';
import { candidates, countAudience, sampleAudience, type About } from './candidates';
import { lostPartsOf, openAudience } from './open';
import { AUDIENCE_REASONS, AudienceSchema, EVERYONE, type Audience, type AudienceReason } from './schema';

const NOW = new Date('2026-11-20T10:00:00Z');

let account: TestAccount;
let sectionId: SectionId;

type Candidate = { id: ProfileId; address: string | null; addressKey: string | null; reason: AudienceReason };

async function candidatesOf(audience: Audience, about: Omit<About, 'sectionId'>, now = NOW): Promise<Candidate[]> {
  const open = await openAudience(pool(), sectionId, audience);
  return rows(
    pool(),
    sql`
      select profile_id as id, address, address_key as "addressKey", reason
      from (${candidates(open, { sectionId, ...about }, now)}) candidate
      order by profile_id`,
  );
}

async function countsOf(audience: Audience, about: Omit<About, 'sectionId'>) {
  const open = await openAudience(pool(), sectionId, audience);
  return countAudience(pool(), open, { sectionId, ...about }, NOW);
}

const consent = (profileId: ProfileId, topicId: TopicId, channel: Channel, type: ConsentType) =>
  transaction((tx) =>
    changeConsents(
      tx,
      { sectionId, source: 'user', userId: null },
      sql`select ${profileId}::bigint as profile_id, ${topicId}::int as topic_id, ${channel}::text as channel,
          ${type}::text as type, '' as reason, '' as source, '' as wording, '' as proof`,
    ),
  );

const setKey = (profileId: ProfileId, keyspaceId: KeyspaceId, key: string) =>
  execute(
    pool(),
    sql`
      insert into profile_key (section_id, keyspace_id, key, profile_id)
      values (${sectionId}, ${keyspaceId}, ${key}, ${profileId})`,
  );

/** A message with one send to some profiles, as the freeze leaves it. */
async function sentTo(recipients: readonly { id: ProfileId; address: string | null }[]): Promise<MessageId> {
  const { id } = await one<{ id: MessageId }>(
    pool(),
    sql`
      with made as (
        insert into message (section_id, channel, kind, name, name_key, content, audience, settings, created_at, changed_at)
        values (${sectionId}, 'email', 'marketing', 'Earlier', ${`earlier ${Math.random()}`}, '{}', '{}', '{}', ${NOW}, ${NOW})
        returning id
      ), versioned as (
        insert into message_version (section_id, message_id, version, content, compiled, created_at)
        select ${sectionId}::int, id, 1, '{}', '{}', ${NOW}::timestamptz from made
      )
      select id from made`,
  );
  await execute(
    pool(),
    sql`
      with sent as (
        insert into send
          (section_id, message_id, version, status, wish, starts_at, sender_id, kind, audience, settings, created_at)
        values (${sectionId}, ${id}, 1, 'done', '{}', ${NOW}, 1, 'marketing', '{}', '{}', ${NOW})
        returning id
      )
      insert into recipient (section_id, send_id, profile_id, state, address, address_key)
      select ${sectionId}::int, sent.id, to_whom.id, 'sent', to_whom.address, to_whom.address
      from sent, unnest(
        ${recipients.map((to) => to.id)}::bigint[], ${recipients.map((to) => to.address)}::text[]
      ) to_whom (id, address)`,
  );
  return id;
}

describe('a random audience over random people', () => {
  const PEOPLE = 80;
  type Person = {
    id: ProfileId;
    tags: Set<TagId>;
    address: Partial<Record<Channel, string>>;
    consents: Map<string, ConsentType>;
    /** What an earlier send of the message knows of them. */
    earlier: 'nothing' | 'profile' | 'address';
  };
  let people: Person[];
  let tags: TagId[];
  let topics: TopicId[];
  /** Segments, with the oracle's version of each. */
  let segments: { id: SegmentId; holds: (person: Person) => boolean }[];
  const suppressed = new Map<string, SuppressionReason>();
  let earlier: MessageId;

  beforeAll(async () => {
    account = await createTestAccount();
    ({ sectionId } = account);
    tags = [];
    for (const name of ['VIP', 'Partner', 'Do not contact']) tags.push(await createTestTag(sectionId, name));
    topics = [];
    for (const name of ['News', 'Offers'])
      topics.push(valueOf(await createTopic(account.admin, { sectionId, name })).id);
    const ids = await createTestProfiles(sectionId, PEOPLE);
    // Numbers of people decide what they have, so that every combination is there and a failure is the same again.
    const has = (index: number, nth: number, of: number) => Math.floor(index / 3 ** nth) % of;
    people = ids.map((id, index) => ({
      id,
      tags: new Set(tags.filter((_, nth) => (index >> nth) % 2 === 1)),
      address: {
        ...(index % 5 > 0 && { email: `p${index}@example.com` }),
        ...(index % 7 > 3 && { sms: `4670${1_000_000 + index}` }),
      },
      consents: new Map(),
      earlier: index % 4 === 2 ? 'profile' : 'nothing',
    }));
    for (const [index, person] of people.entries()) {
      if (person.address.email) await setKey(person.id, account.keyspaces.email, person.address.email);
      if (person.address.sms) await setKey(person.id, account.keyspaces.mobile, person.address.sms);
      for (const [nth, topicId] of topics.entries()) {
        for (const channel of CHANNELS) {
          const type = [...CONSENT_TYPES, undefined][has(index, nth, CONSENT_TYPES.length + 1)];
          if (!type || (channel === 'sms' && index % 2 === 0)) continue;
          person.consents.set(`${topicId} ${channel}`, type);
          await consent(person.id, topicId, channel, type);
        }
      }
    }
    for (const tagId of tags) {
      await tagProfiles(
        sectionId,
        people.filter(({ tags: has }) => has.has(tagId)).map(({ id }) => id),
        { apply: [tagId] },
      );
    }
    const [vip, partner] = tags as [TagId, TagId];
    const segment = async (name: string, rules: ReturnType<typeof rulesOf>) =>
      valueOf(await createSegment(account.marketer, { sectionId, name, rules })).id;
    segments = [
      {
        id: await segment('Both', rulesOf(allOf(hasTag(vip), hasTag(partner)))),
        holds: (person) => person.tags.has(vip) && person.tags.has(partner),
      },
      { id: await segment('No VIP', rulesOf(hasNotTag(vip))), holds: (person) => !person.tags.has(vip) },
    ];
    for (const [index, reason] of REASONS.entries()) {
      const addresses = people.flatMap(({ address }, at) => (at % 9 === index && address.email ? [address.email] : []));
      for (const address of addresses) suppressed.set(address, reason);
      valueOf(await addSuppressions(account.admin, { sectionId, groups: [{ channel: 'email', addresses, reason }] }));
    }
    // Lifted again, so it stops nobody.
    const lifted = people[8 * 9 + 6]!.address.email!;
    const group = { channel: 'email' as const, addresses: [lifted], reason: 'hard' as const };
    valueOf(await addSuppressions(account.admin, { sectionId, groups: [group] }));
    valueOf(await liftAddresses(account.admin, { sectionId, channel: 'email', addresses: [lifted], reason: 'Tested' }));
    // One earlier recipient was erased and came back: known by the address only.
    const [first, ...others] = people.filter((person) => person.earlier === 'profile');
    const gone = { id: 999_999_999 as ProfileId, address: first!.address.email! };
    earlier = await sentTo([gone, ...others.map(({ id }) => ({ id, address: `before.${id}@example.com` }))]);
    first!.earlier = 'address';
  });

  type Wanted = { audience: Audience; about: Omit<About, 'sectionId'> };

  function expected({ audience: { include, exclude, most }, about }: Wanted): Map<ProfileId, AudienceReason> {
    const isIn = (person: Person) => (part: Audience['include'][number]) =>
      part.kind === 'tag'
        ? person.tags.has(part.id)
        : part.kind === 'segment'
          ? segments.find(({ id }) => id === part.id)!.holds(person)
          : person.earlier === 'profile';
    const wasReached = ({ earlier: by }: Person, channel: Channel) =>
      by === 'profile' || (by === 'address' && channel === 'email');
    const matching = people.filter(
      (person) =>
        (include.length === 0 || include.some(isIn(person))) &&
        !exclude.some(isIn(person)) &&
        !(about.exceptRecipientsOf !== undefined && wasReached(person, about.channel)),
    );
    const reasonOf = (person: Person): AudienceReason => {
      const address = person.address[about.channel];
      if (address === undefined) return 'noAddress';
      const agreed = about.topicIds.some((topicId) =>
        ['opt-in', 'confirmed-opt-in'].includes(person.consents.get(`${topicId} ${about.channel}`) ?? ''),
      );
      if (about.kind === 'marketing' && !agreed) return 'noConsent';
      const reason = about.channel === 'email' ? suppressed.get(address) : undefined;
      return reason && (about.kind === 'marketing' || STOPS_ALL.includes(reason)) ? 'suppressed' : 'gets';
    };
    const reasons = new Map(matching.map((person) => [person.id, reasonOf(person)]));
    return most === null
      ? reasons
      : new Map([...reasons].map(([id, reason]) => [id, reason === 'gets' ? 'overLimit' : reason]));
  }

  const wanted = (): fc.Arbitrary<Wanted> => {
    const part = fc.oneof(
      fc.constantFrom(...tags).map((id) => ({ kind: 'tag' as const, id })),
      fc.constantFrom(...segments).map(({ id }) => ({ kind: 'segment' as const, id })),
      fc.constant({ kind: 'message' as const, id: earlier }),
    );
    const parts = fc.uniqueArray(part, { maxLength: 3, selector: ({ kind, id }) => `${kind} ${id}` });
    return fc.record({
      audience: fc.record({ include: parts, exclude: parts, most: fc.option(fc.integer({ min: 1, max: 40 })) }),
      about: fc.record({
        channel: fc.constantFrom(...CHANNELS),
        kind: fc.constantFrom<MessageKind>('marketing', 'service'),
        topicIds: fc.subarray(topics),
        exceptRecipientsOf: fc.constantFrom(undefined, earlier),
      }),
    });
  };

  it('has the count, the sample and the recipients of a plain evaluation', async () => {
    await fc.assert(
      fc.asyncProperty(wanted(), async (one) => {
        const { audience, about } = one;
        const found = await candidatesOf(audience, about);
        const reasons = expected(one);
        const addresses = new Map(people.map(({ id, address }) => [id, address[about.channel] ?? null]));
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
        for (const { id, address, addressKey } of found) {
          expect([address, addressKey]).toEqual([addresses.get(id), addresses.get(id)]);
        }
        // Which of them are drawn is by chance; how many is not.
        const drawn =
          audience.most === null
            ? null
            : Math.min(audience.most, [...reasons.values()].filter((reason) => reason === 'overLimit').length);
        const plain = (reason: AudienceReason) => (drawn !== null && reason === 'gets' ? 'overLimit' : reason);
        expect(new Map(found.map(({ id, reason }) => [id, plain(reason)]))).toEqual(reasons);
        if (drawn !== null) expect(found.filter(({ reason }) => reason === 'gets')).toHaveLength(drawn);
        const counts = await countsOf(audience, about);
        const those = (reason: AudienceReason) => found.filter((row) => row.reason === reason);
        expect(counts).toEqual({
          matches: found.length,
          ...Object.fromEntries(AUDIENCE_REASONS.map((reason) => [reason, those(reason).length])),
        });
        const open = await openAudience(pool(), sectionId, audience);
        const reason = AUDIENCE_REASONS.find((each) => those(each).length > 0) ?? 'gets';
        const sample = await sampleAudience(pool(), open, { sectionId, ...about }, NOW, reason);
        const newest = those(reason)
          .map(({ id }) => id)
          .reverse()
          .slice(0, 10);
        expect(sample.map(({ id }) => id)).toEqual(newest);
      }),
      { numRuns: 20 },
    );
  });

  it('asks the same as a claim does of each person', async () => {
    for (const kind of ['marketing', 'service'] as const) {
      for (const channel of CHANNELS) {
        const found = await candidatesOf(EVERYONE, { channel, kind, topicIds: topics });
        const message = { sectionId, channel, topics, kind };
        const may = await rows<{ id: ProfileId }>(
          pool(),
          sql`
            select id from (
              select profile.id, ${addressOf(sectionId, channel, sql`profile.id`)} as address
              from profile where profile.section_id = ${sectionId}
            ) person
            where ${mayReceive(message, { profileId: sql`person.id`, address: sql`person.address` })}
            order by id`,
        );
        expect(found.flatMap(({ id, reason }) => (reason === 'gets' ? [{ id }] : []))).toEqual(may);
      }
    }
  });

  it('draws other people for a random part at another moment, and the same at the same one', async () => {
    const audience = { ...EVERYONE, most: 10 };
    const about = { channel: 'email', kind: 'service', topicIds: [] } as const;
    const drawn = async (now: Date) =>
      (await candidatesOf(audience, about, now)).flatMap(({ id, reason }) => (reason === 'gets' ? [id] : []));
    const first = await drawn(NOW);
    expect(first).toHaveLength(10);
    expect(await drawn(NOW)).toEqual(first);
    expect(await drawn(new Date(NOW.getTime() + 1))).not.toEqual(first);
  });
});

describe('a part that is lost', () => {
  let vip: TagId;
  let blocked: TagId;
  const about = { channel: 'email', kind: 'service', topicIds: [] } as const;

  beforeEach(async () => {
    account = await createTestAccount();
    ({ sectionId } = account);
    [vip, blocked] = [await createTestTag(sectionId, 'VIP'), await createTestTag(sectionId, 'Do not contact')];
    const [ann, bo] = (await createTestProfiles(sectionId, 2)) as [ProfileId, ProfileId];
    await setKey(ann, account.keyspaces.email, 'ann@example.com');
    await setKey(bo, account.keyspaces.email, 'bo@example.com');
    await tagProfiles(sectionId, [ann, bo], { apply: [vip] });
    await tagProfiles(sectionId, [bo], { apply: [blocked] });
  });

  const refusalOf = (audience: Audience) =>
    countsOf(audience, about).then(
      () => undefined,
      (refusal: unknown) => refusal,
    );

  it('fails closed: a hidden tag that excludes is not passed over', async () => {
    const audience = AudienceSchema.parse({
      include: [{ kind: 'tag', id: vip }],
      exclude: [{ kind: 'tag', id: blocked }],
    });
    expect(await countsOf(audience, about)).toMatchObject({ matches: 1, gets: 1 });
    valueOf(await hideTag(account.admin, { sectionId, tagId: blocked }));
    expect(await refusalOf(audience)).toMatchObject({
      code: 'hidden',
      field: 'audience',
      message: expect.stringMatching(/“Do not contact” was hidden by Test admin.*Exclude something else/) as string,
      details: { lost: [{ part: { kind: 'tag', id: blocked } }] },
    });
    expect(await lostPartsOf(pool(), sectionId, audience)).toHaveLength(1);
  });

  it('is named: a segment that needs attention, one that is gone, and a tag of another section', async () => {
    const rules = rulesOf(hasTag(vip));
    const { id } = valueOf(await createSegment(account.marketer, { sectionId, name: 'Best', rules }));
    const segment = { kind: 'segment' as const, id };
    expect(await refusalOf({ ...EVERYONE, include: [segment] })).toBeUndefined();
    valueOf(await hideTag(account.admin, { sectionId, tagId: vip }));
    expect(await refusalOf({ ...EVERYONE, include: [segment] })).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/“Best” needs attention: The tag “VIP” was hidden/) as string,
    });
    const gone = { kind: 'segment' as const, id: 99_999 as SegmentId };
    expect(await refusalOf({ ...EVERYONE, exclude: [gone] })).toMatchObject({ code: 'not_found' });
    const elsewhere = await createTestAccount();
    const tagId = await createTestTag(elsewhere.sectionId, 'Theirs');
    expect(await refusalOf({ ...EVERYONE, include: [{ kind: 'tag', id: tagId }] })).toMatchObject({
      code: 'not_found',
    });
  });

  it('a message that went out stands for those who got it or may get it, not for those who were skipped', async () => {
    const [ann, bo] = await rows<{ id: ProfileId }>(
      pool(),
      sql`select id from profile where section_id = ${sectionId} order by id`,
    );
    const id = await sentTo([ann!, bo!].map((person, index) => ({ ...person, address: `p${index}@example.com` })));
    const to = (part: Pick<Audience, 'include'> | Pick<Audience, 'exclude'>) =>
      candidatesOf({ ...EVERYONE, ...part }, about).then((found) => found.map((person) => person.id));
    expect(await to({ include: [{ kind: 'message', id }] })).toEqual([ann!.id, bo!.id]);
    await execute(
      pool(),
      sql`
        update recipient set state = 'skipped', why = 'noConsent'
        where section_id = ${sectionId} and profile_id = ${bo!.id}`,
    );
    expect(await to({ include: [{ kind: 'message', id }] })).toEqual([ann!.id]);
    expect(await to({ exclude: [{ kind: 'message', id }] })).toEqual([bo!.id]);
    const elsewhere = await createTestAccount();
    expect(
      await openAudience(pool(), elsewhere.sectionId, { ...EVERYONE, exclude: [{ kind: 'message', id }] }).catch(
        (refusal: unknown) => refusal,
      ),
    ).toMatchObject({ code: 'not_found' });
  });

  it('without topics a marketing message reaches nobody', async () => {
    expect(await countsOf(EVERYONE, { channel: 'email', kind: 'marketing', topicIds: [] })).toMatchObject({
      matches: 2,
      noConsent: 2,
      gets: 0,
    });
  });

  it('a part that is chosen twice counts once', () => {
    const part = { kind: 'tag', id: vip };
    expect(AudienceSchema.parse({ include: [part, part] }).include).toHaveLength(1);
  });
});
