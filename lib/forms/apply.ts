// Applies what submissions of one form ask for, in sets: profiles by key, values through the door for profile data, consents, tags through the tag
// door. Everything has the form as its source.
import type { Attribute, AttributeValue } from '@/lib/attributes/schema';
import { changeConsents } from '@/lib/consents/change';
import type { Channel, ConsentType } from '@/lib/consents/schema';
import type { AttributeId, FormId, KeyspaceId, ProfileId, SectionId, SubmissionId, TopicId } from '@/lib/db/ids';
import { LostRace } from '@/lib/db/pool';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';
import { changeProfiles, createProfiles, reserveProfileIds, type DataCause } from '@/lib/profiles/change';
import { findProfiles } from '@/lib/profiles/keyspace';
import { KEY_ATTRIBUTES, type EnteredKind } from '@/lib/profiles/keys';
import { lockedKeys } from '@/lib/profiles/locks';
import type { Keyspace } from '@/lib/profiles/schema';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS } from '@/lib/signals/schema';
import { isOwnStop } from '@/lib/preferences/preferences';
import { liftWhere } from '@/lib/suppression/change';
import { changeTags, wantedPairs } from '@/lib/tags/change';
import type { Answers, FormDocument } from './schema';
import { wantedOf, type WantedOfSubmission } from './wanted';

/** A submission that is applied. `document`: of its version, or of the one that fixed it. `shown`: of its version. Each has another key. */
export type Applied = {
  id: SubmissionId;
  key: string;
  answers: Answers;
  document: FormDocument;
  shown: FormDocument;
  version: number;
  at: Date;
  confirmedAt: Date | null;
  isPartial: boolean;
};

export type FormPlace = { sectionId: SectionId; formId: FormId; name: string };
type Of = FormPlace & { keyspaces: readonly Keyspace[]; attributes: ReadonlyMap<AttributeId, Attribute>; now: Date };

/** What became of a submission. `profileId`: null: the key is locked for good. `left`: what could not be used, in words. */
export type Outcome = { id: SubmissionId; profileId: ProfileId | null; left: string[] };

type Item = Applied & { wanted: WantedOfSubmission; profileId: ProfileId; isNew: boolean };

/** Applies submissions of one form, of which each has another key of the same kind. */
export async function applySubmissions(tx: Tx, of: Of, submissions: readonly Applied[]): Promise<Outcome[]> {
  const { sectionId, formId, keyspaces, now } = of;
  const kind = submissions[0]!.document.match;
  const keyspace = keyspaces.find((each) => each.kind === kind)!;
  const locked = await lockedKeys(
    tx,
    { sectionId, keyspaceId: keyspace.id },
    submissions.map(({ key }) => key),
  );
  const allowed = submissions.filter(({ key }) => !locked.has(key));
  const items = await withProfiles(tx, of, keyspace, allowed);
  await leaveTakenKeys(tx, of, items);
  const cause: DataCause & { source: 'form' } = { sectionId, source: 'form', userId: null, originId: formId };
  await createNew(tx, of, keyspace, cause, items);
  await changeKnown(tx, of, cause, items);
  await setConsents(tx, of, items);
  await liftStops(tx, of, items);
  await setTags(tx, of, items);
  const done = items.filter(({ isPartial }) => !isPartial).map(({ profileId }) => profileId);
  await execute(
    tx,
    appendSignals(
      { sectionId },
      sql`
        select ${TOPICS.form_submitted}::smallint as topic, ${formId}::int as subject_id, profile_id
        from unnest(${done}::bigint[]) done (profile_id)`,
      sql`${now}::timestamptz`,
    ),
  );
  const outcomes = new Map(items.map(({ id, profileId, wanted }) => [id, { profileId, left: wanted.left }]));
  return submissions.map(({ id }) => ({ id, ...(outcomes.get(id) ?? { profileId: null, left: [] }) }));
}

/** Finds the profiles, and locks them so that none is deleted or merged; the others get an id. */
async function withProfiles(tx: Tx, of: Of, keyspace: Keyspace, submissions: readonly Applied[]): Promise<Item[]> {
  const { sectionId, attributes } = of;
  const found = await findProfiles(
    tx,
    { sectionId, keyspace },
    submissions.map(({ key }) => key),
  );
  const known = [...new Set(found.values())];
  const held = await execute(
    tx,
    sql`select from profile where section_id = ${sectionId} and id = any(${known}::bigint[]) order by id for no key update`,
  );
  // One was deleted or merged in the meantime: another profile may have its key.
  if (held < known.length) throw new LostRace();
  const ids = await reserveProfileIds(tx, submissions.length - found.size);
  return submissions.map((submission) => {
    const profileId = found.get(submission.key);
    const wanted = wantedOf(submission.document, submission.answers, attributes, submission.shown);
    return { ...submission, wanted, profileId: profileId ?? ids.shift()!, isNew: profileId === undefined };
  });
}

/**
 * Keys besides the one by which people are found: those of others, and those that a person has already, are left as they are. Nobody gets one before the
 * address is confirmed, and nobody who is known gets one without: otherwise anyone who knows an address could have its messages sent to a number of their
 * own.
 */
async function leaveTakenKeys(tx: Tx, { sectionId, keyspaces }: Of, items: readonly Item[]): Promise<void> {
  for (const { isPartial, wanted } of items) if (isPartial) wanted.keys.clear();
  for (const keyspace of keyspaces) {
    const kind = keyspace.kind as EnteredKind;
    const asking = items.filter(({ wanted }) => wanted.keys.has(kind));
    if (asking.length === 0) continue;
    const keys = asking.map(({ wanted }) => wanted.keys.get(kind)!);
    const holders = await findProfiles(tx, { sectionId, keyspace }, keys);
    const locked = await lockedKeys(tx, { sectionId, keyspaceId: keyspace.id }, keys);
    const own = await ownKeys(tx, sectionId, keyspace.id, asking);
    const taken = new Map<string, ProfileId>(holders);
    for (const { wanted, profileId, isNew, document, confirmedAt } of asking) {
      const key = wanted.keys.get(kind)!;
      const owner = taken.get(key);
      const replaces = document.existing === 'overwrite' && confirmedAt !== null;
      if (locked.has(key) || (owner !== undefined && owner !== profileId)) {
        wanted.keys.delete(kind);
        wanted.left.push(`${keyspace.name}: it belongs to somebody else, so it was not set`);
      } else if (own.has(profileId) && (!replaces || document.existing === 'leave')) {
        wanted.keys.delete(kind);
      } else if (!isNew && confirmedAt === null) {
        wanted.keys.delete(kind);
        wanted.left.push(`${keyspace.name}: a known person gets it by a confirmation only, so it was not set`);
      } else {
        taken.set(key, profileId);
      }
    }
  }
}

async function ownKeys(
  tx: Tx,
  sectionId: SectionId,
  keyspaceId: KeyspaceId,
  items: readonly Item[],
): Promise<Set<ProfileId>> {
  const found = await rows<{ id: ProfileId }>(
    tx,
    sql`
      select profile_id as id from profile_key
      where section_id = ${sectionId} and keyspace_id = ${keyspaceId}
        and profile_id = any(${items.map(({ profileId }) => profileId)}::bigint[])`,
  );
  return new Set(found.map(({ id }) => id));
}

/** All keys of an item, by keyspace. */
const keysOf = ({ keyspaces }: Of, { wanted }: Item): { keyspaceId: KeyspaceId; key: string; code: string | null }[] =>
  keyspaces.flatMap((keyspace) => {
    const key = wanted.keys.get(keyspace.kind as EnteredKind);
    return key === undefined ? [] : [{ keyspaceId: keyspace.id, key, code: KEY_ATTRIBUTES[keyspace.kind] }];
  });

const following = (keys: readonly { key: string; code: string | null }[]): [string, AttributeValue][] =>
  keys.flatMap(({ key, code }) => (code === null ? [] : [[code, key]]));

const valuesRelation = (values: readonly { id: ProfileId; attributes: object; noted?: object }[]) => sql`
  select profile_id, attributes, noted
  from json_to_recordset(${JSON.stringify(values.map(({ id, ...rest }) => ({ profile_id: id, ...rest })))}::json)
    as given (profile_id bigint, attributes jsonb, noted jsonb)`;

const keysRelation = (keys: readonly { id: ProfileId; keyspaceId: KeyspaceId; key: string }[]) => sql`
  select profile_id, keyspace_id, key, 0 as slot
  from unnest(
    ${keys.map(({ id }) => id)}::bigint[], ${keys.map(({ keyspaceId }) => keyspaceId)}::int[], ${keys.map(({ key }) => key)}::text[]
  ) given (profile_id, keyspace_id, key)`;

async function createNew(tx: Tx, of: Of, keyspace: Keyspace, cause: DataCause, items: readonly Item[]): Promise<void> {
  const fresh = items.filter(({ isNew }) => isNew);
  if (fresh.length === 0) return;
  const all = fresh.map((item) => ({
    ...item,
    keys: [{ keyspaceId: keyspace.id, key: item.key, code: KEY_ATTRIBUTES[keyspace.kind] }, ...keysOf(of, item)],
  }));
  const { made, taken } = await createProfiles(tx, cause, {
    profiles: valuesRelation(
      all.map(({ profileId, wanted, keys }) => {
        const attributes = { ...Object.fromEntries(wanted.values), ...Object.fromEntries(following(keys)) };
        const noted = {
          ...attributes,
          ...Object.fromEntries(keys.map(({ keyspaceId, key }) => [`key:${keyspaceId}`, key])),
        };
        return { id: profileId, attributes, noted };
      }),
    ),
    keys: keysRelation(all.flatMap(({ profileId, keys }) => keys.map((key) => ({ id: profileId, ...key })))),
  });
  // Somebody else has just created one of them.
  if (made < fresh.length || taken > 0) throw new LostRace();
}

async function changeKnown(tx: Tx, of: Of, cause: DataCause, items: readonly Item[]): Promise<void> {
  const known = items.filter(({ isNew, isPartial, document }) => !isNew && !isPartial && document.existing !== 'leave');
  const replaces = ({ document, confirmedAt }: Item) => document.existing === 'overwrite' && confirmedAt !== null;
  for (const existing of ['fill', 'overwrite'] as const) {
    const group = known.filter((item) => replaces(item) === (existing === 'overwrite'));
    if (group.length === 0) continue;
    const { taken } = await changeProfiles(tx, cause, {
      existing,
      values: valuesRelation(
        group.map((item) => ({
          id: item.profileId,
          attributes: { ...Object.fromEntries(item.wanted.values), ...Object.fromEntries(following(keysOf(of, item))) },
        })),
      ),
      keys: keysRelation(group.flatMap((item) => keysOf(of, item).map((key) => ({ id: item.profileId, ...key })))),
    });
    if (taken > 0) throw new LostRace();
  }
}

/**
 * What somebody opted out of after they had submitted, or confirmed, is not turned round by what they had ticked before; what they opted out of before, by a
 * confirmation only: anybody can enter somebody else's address.
 */
async function leaveOptOuts(tx: Tx, sectionId: SectionId, items: readonly Item[]): Promise<void> {
  const given = items.flatMap(({ id, profileId, wanted, confirmedAt, at }) =>
    wanted.consents.map(({ topicId, channel }) => ({
      ...{ id, profile_id: profileId, topic_id: topicId, channel },
      at: (confirmedAt ?? at).toISOString(),
      confirmed: confirmedAt !== null,
    })),
  );
  if (given.length === 0) return;
  const later = await rows<{ id: SubmissionId; topicId: TopicId; channel: Channel }>(
    tx,
    sql`
      select given.id, given.topic_id as "topicId", given.channel
      from json_to_recordset(${JSON.stringify(given)}::json) as given (
        id bigint, profile_id bigint, topic_id int, channel text, at timestamptz, confirmed boolean
      )
      join consent
        on consent.section_id = ${sectionId} and consent.profile_id = given.profile_id
        and consent.topic_id = given.topic_id and consent.channel = given.channel
      where consent.type = 'opt-out' and (consent.modified_at > given.at or not given.confirmed)`,
  );
  for (const { id, wanted, confirmedAt } of items) {
    const theirs = later.filter((each) => each.id === id);
    if (theirs.length === 0) continue;
    wanted.consents = wanted.consents.filter(
      ({ topicId, channel }) => !theirs.some((each) => each.topicId === topicId && each.channel === channel),
    );
    wanted.left.push(
      confirmedAt === null
        ? 'They have opted out, which only a confirmation by email lifts, so that consent was not recorded'
        : 'They opted out after they had submitted this, so that consent was not recorded',
    );
  }
}

const proofOf = ({ version, at, confirmedAt, document, key }: Item): string =>
  [
    `Version ${version} of the form, submitted ${inUtc(at)}`,
    confirmedAt !== null &&
      `confirmed ${inUtc(confirmedAt)} by the link that was sent to ${document.match === 'email' ? key : 'the address'}`,
  ]
    .filter(Boolean)
    .join('; ');

/** A ticked box is an opt-in, of a confirmed address a confirmed one. What was confirmed before stays so. */
async function setConsents(tx: Tx, { sectionId, formId, name }: Of, items: readonly Item[]): Promise<void> {
  await leaveOptOuts(
    tx,
    sectionId,
    items.filter(({ isPartial }) => !isPartial),
  );
  const wanted = items
    .filter(({ isPartial }) => !isPartial)
    .flatMap((item) => {
      const { profileId, confirmedAt, wanted } = item;
      const row = (
        type: ConsentType,
        reason: string,
        { topicId, channel, wording }: (typeof wanted.consents)[number],
      ) => ({
        ...{ profile_id: profileId, topic_id: topicId, channel, type, reason, wording },
        ...{ source: `Form “${name}”`, proof: proofOf(item) },
      });
      if (confirmedAt === null) return wanted.consents.map((one) => row('opt-in', 'Ticked in a form', one));
      const reason = 'in a form, and confirmed by a link in a mail';
      return [
        ...wanted.consents.map((one) =>
          row(one.channel === 'email' ? 'confirmed-opt-in' : 'opt-in', `Ticked ${reason}`, one),
        ),
        ...wanted.ends.map((one) => row('opt-out', `Left out ${reason}`, one)),
      ];
    });
  if (wanted.length === 0) return;
  await changeConsents(
    tx,
    { sectionId, source: 'form', userId: null, originId: formId },
    // Who was never asked has not left anything.
    sql`
      select given.* from json_to_recordset(${JSON.stringify(wanted)}::json) as given (
        profile_id bigint, topic_id int, channel text, type text, reason text, source text, wording text, proof text
      )
      where given.type <> 'opt-out' or exists (
        select from consent
        where consent.section_id = ${sectionId} and consent.profile_id = given.profile_id
          and consent.topic_id = given.topic_id and consent.channel = given.channel and consent.type <> 'opt-out'
      )`,
    { replaces: 'not-unconfirm' },
  );
}

/**
 * A mail to the address was answered, so what bounced before does not any more; who has confirmed that they want mails again has taken back their own
 * 'nothing any more'. A complaint stays, and what others have stopped.
 */
async function liftStops(tx: Tx, { sectionId }: Of, items: readonly Item[]): Promise<void> {
  const confirmed = items.flatMap(({ key, confirmedAt, document, wanted: { consents } }) =>
    confirmedAt !== null && document.match === 'email'
      ? [{ key, at: confirmedAt, wants: consents.some(({ channel }) => channel === 'email') }]
      : [],
  );
  if (confirmed.length === 0) return;
  const answered = sql`entry.channel = 'email' and exists (
    select from unnest(
      ${confirmed.map(({ key }) => key)}::text[], ${confirmed.map(({ at }) => at.toISOString())}::timestamptz[],
      ${confirmed.map(({ wants }) => wants)}::boolean[]
    ) answered (key, at, wants)
    where answered.key = entry.address_key and answered.at >= entry.at
      and (entry.reason in ('hard', 'soft') or (answered.wants and ${isOwnStop(sql`entry`)}))
  )`;
  await liftWhere(tx, { sectionId, userId: null }, answered, 'confirmed by a link in a mail to the address');
}

const inUtc = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Nobody loses a tag before their address is confirmed: anybody can enter somebody else's. */
async function setTags(tx: Tx, { sectionId, formId }: Of, items: readonly Item[]): Promise<void> {
  const pairs = items.flatMap(({ profileId, confirmedAt, wanted: { apply, remove } }) => [
    ...apply.map((id) => ({ profileId, id, apply: true })),
    ...(confirmedAt === null ? [] : remove).map((id) => ({ profileId, id, apply: false })),
  ]);
  if (pairs.length === 0) return;
  await changeTags(
    tx,
    { sectionId, source: 'form', userId: null, originId: formId },
    wantedPairs(
      sql`
        select profile_id, tag_id, apply
        from unnest(
          ${pairs.map(({ profileId }) => profileId)}::bigint[], ${pairs.map(({ id }) => id)}::int[], ${pairs.map(({ apply }) => apply)}::boolean[]
        ) given (profile_id, tag_id, apply)`,
      { removes: pairs.some(({ apply }) => !apply) },
    ),
  );
}
