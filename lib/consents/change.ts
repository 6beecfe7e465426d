// The door for consents: consent and consent_change are written here and nowhere else. It takes a set of wanted consents;
// those that change something are set, recorded in the append-only history with their evidence, and signalled to
// listeners, in one statement inside the caller's transaction, for one profile or a million.
import { asParameter } from '@/lib/db/as-parameter';
import type { ApiKeyId, OperationId, ProfileId, SectionId, UserId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS, type SignalCause } from '@/lib/signals/schema';
import { writtenOrigin } from '@/lib/tags/origin';
import { isUndone, byOthers, type Undone } from '@/lib/tags/undo';
import { recordExceptions } from '@/lib/work/undo-exceptions';
import { CONSENT_SOURCES, type ConsentSource } from './source';

/** Why consents change: recorded with every row of the history and passed to listeners. */
export type ConsentCause = SignalCause & {
  source: ConsentSource;
  userId: UserId | null;
  /** The bulk operation that the change is part of, and with which it can be undone. */
  operationId?: OperationId | null;
  /** The API key that made the change. */
  apiKeyId?: ApiKeyId | null;
  /** The id of the change's origin, by source, for example of the import. */
  originId?: number;
  /** When it happened, if not now: for sample data. */
  at?: Date;
};

/**
 * Which of the existing consents a set may replace. `all`: any. `not-weaken`: an opt-in neither replaces an opt-out nor
 * a confirmed opt-in. `not-unconfirm`: an opt-in replaces an opt-out too, but no confirmed opt-in.
 */
export type Replaces = 'all' | 'not-weaken' | 'not-unconfirm';

/**
 * `changed`: consents that are different now; `added`: of these, how many were not there; `people`: on how many profiles.
 * `optedOut`: opt-outs that stay although something else was wanted. `repeated`: opt-outs that were there, and that are now
 * known from somebody else too.
 */
export type ConsentsChanged = { changed: number; added: number; people: number; optedOut: number; repeated: number };

const WANTED = sql`profile_id bigint, topic_id int, channel text, type text, reason text, source text, wording text, proof text`;
const DATED = sql`${WANTED}, since timestamptz`;

/**
 * Sets consents. `wanted` selects `profile_id bigint, topic_id int, channel text, type text, reason text, source text,
 * wording text, proof text`, each profile, topic and channel once; a type that is null takes the consent away. Profiles
 * that do not exist are passed over. Locks the profiles, so that what it compares with stays true.
 */
export async function changeConsents(
  tx: Tx,
  cause: ConsentCause,
  wanted: Sql,
  { replaces = 'all' }: { replaces?: Replaces } = {},
): Promise<ConsentsChanged> {
  const given = await asParameter(tx, wanted, WANTED);
  await lockProfiles(tx, cause.sectionId, given);
  return one<ConsentsChanged>(
    tx,
    changeStatement(cause, sql`select *, null::timestamptz as since from (${given}) given`, replaces),
  );
}

/** Writers of the same consents wait here: the next statement sees what they wrote. `given` selects `profile_id`. */
async function lockProfiles(tx: Tx, sectionId: SectionId, given: Sql): Promise<void> {
  await execute(
    tx,
    sql`
      select from profile
      where section_id = ${sectionId} and id in (select profile_id from (${given}) given)
      order by id
      for no key update`,
  );
}

const MAY_REPLACE: Record<Replaces, Sql> = {
  all: sql`true`,
  'not-weaken': sql`(
    wanted.type <> 'opt-in' or consent.type is null or consent.type not in ('opt-out', 'confirmed-opt-in')
  )`,
  'not-unconfirm': sql`(wanted.type <> 'opt-in' or consent.type is distinct from 'confirmed-opt-in')`,
};

/**
 * A condition: the opt-out that is there could be taken back by an undo or a redo, and now somebody else says the same. That is
 * recorded once, as a row that changes nothing, so that the undo leaves the opt-out.
 */
const repeatsOptOut = ({ sectionId, source, userId, operationId = null }: ConsentCause): Sql =>
  source === 'undo'
    ? sql`false`
    : sql`(
        wanted.type = 'opt-out' and consent.type = 'opt-out' and exists (
          select from (
            select entry.* from consent_change entry
            where entry.section_id = ${sectionId} and entry.profile_id = wanted.profile_id
              and entry.topic_id = wanted.topic_id and entry.channel = wanted.channel
            order by entry.id desc
            limit 1
          ) newest
          where newest.before is distinct from newest.after
            and (newest.operation_id is not null or newest.source in (${CONSENT_SOURCES.user}, ${CONSENT_SOURCES.undo}))
            and (newest.source, newest.user_id, newest.operation_id)
              is distinct from (${CONSENT_SOURCES[source]}::smallint, ${userId}::int, ${operationId}::int)
        )
      )`;

/** `wanted` also selects `since timestamptz`: when a consent was given that comes back; null: now. */
function changeStatement(cause: ConsentCause, wanted: Sql, replaces: Replaces): Sql {
  const { sectionId, source, userId, operationId = null, apiKeyId = null, originId } = cause;
  const at = sql`${cause.at ?? new Date()}::timestamptz`;
  const origin = source === 'person' ? null : writtenOrigin({ source, originId, operationId, apiKeyId });
  return sql`
    with wanted as materialized (${wanted}),
    differing as materialized (
      select wanted.*, consent.type as before, consent.type is not distinct from wanted.type as repeats,
        consent.type is distinct from wanted.type and ${MAY_REPLACE[replaces]} as may_replace
      from wanted
      join profile on profile.section_id = ${sectionId} and profile.id = wanted.profile_id
      left join consent
        on consent.section_id = ${sectionId} and consent.profile_id = wanted.profile_id
        and consent.topic_id = wanted.topic_id and consent.channel = wanted.channel
      where consent.type is distinct from wanted.type or ${repeatsOptOut(cause)}
    ),
    changes as (select * from differing where may_replace),
    removed as (
      delete from consent
      using changes
      where consent.section_id = ${sectionId} and consent.profile_id = changes.profile_id
        and consent.topic_id = changes.topic_id and consent.channel = changes.channel and changes.type is null
    ),
    set_consents as (
      insert into consent (section_id, profile_id, topic_id, channel, type, reason, source, modified_at)
      select ${sectionId}::int, profile_id, topic_id, channel, type, reason, source,
        case when since is null then ${at} else since end
      from changes
      where type is not null
      order by profile_id, topic_id, channel
      on conflict (section_id, profile_id, topic_id, channel) do update
      set type = excluded.type, reason = excluded.reason, source = excluded.source, modified_at = excluded.modified_at
    ),
    noted as (
      insert into consent_change
        (section_id, profile_id, topic_id, channel, before, after, reason, given_source, wording, proof, source, user_id,
          api_key_id, operation_id, origin_id, at)
      select ${sectionId}::int, profile_id, topic_id, channel, before, type, reason, source, wording, proof,
        ${CONSENT_SOURCES[source]}::smallint, ${userId}::int, ${apiKeyId}::int, ${operationId}::int, ${origin}::int, ${at}
      from differing
      where may_replace or repeats
      order by profile_id, topic_id, channel
    ),
    signalled as (
      ${appendSignals(
        cause,
        sql`
          select distinct ${TOPICS.consent_changed}::smallint as topic, topic_id as subject_id, profile_id
          from changes`,
        at,
      )}
    )
    select count(*) filter (where may_replace) as changed, count(*) filter (where may_replace and before is null) as added,
      count(distinct profile_id) filter (where may_replace) as people,
      count(*) filter (where not may_replace and not repeats and before = 'opt-out') as "optedOut",
      count(*) filter (where repeats) as repeated
    from differing`;
}

/** The newest change that made a row of `strictest` what it is. Undos and merges repeat the evidence that they bring back. */
const evidence = (sectionId: SectionId): Sql => sql`
  select entry.wording, entry.proof from consent_change entry
  where entry.section_id = ${sectionId} and entry.profile_id = strictest.profile_id
    and entry.topic_id = strictest.topic_id and entry.channel = strictest.channel and entry.after = strictest.type
  order by entry.at desc, entry.id desc
  limit 1`;

/** On each topic and channel, the profile gets the strictest consent of them all; if equally strict, the newest. */
export async function moveConsents(
  tx: Tx,
  cause: Omit<ConsentCause, 'source'>,
  { from, into, strictness }: { from: readonly ProfileId[]; into: ProfileId; strictness: readonly string[] },
): Promise<void> {
  const { sectionId } = cause;
  const all = [into, ...from];
  const theirs = sql`consent.section_id = ${sectionId} and consent.profile_id = any(${all}::bigint[])`;
  const wanted = await asParameter(
    tx,
    sql`
      with strictest as (
        select distinct on (topic_id, channel) consent.*
        from consent
        where ${theirs}
        order by topic_id, channel, array_position(${strictness}::text[], type) desc,
          -- An opt-out that both have is said again by the merge.
          type = 'opt-out' and profile_id <> ${into} desc, modified_at desc
      )
      select ${into}::bigint as profile_id, strictest.topic_id, strictest.channel, strictest.type, strictest.reason,
        strictest.source, coalesce(evidence.wording, '') as wording, coalesce(evidence.proof, '') as proof,
        strictest.modified_at as since
      from strictest
      left join lateral (${evidence(sectionId)}) evidence on true
      where strictest.profile_id <> ${into}
      union all
      select profile_id, topic_id, channel, null, '', '', '', '', null
      from consent
      where ${theirs} and profile_id <> ${into}`,
    DATED,
  );
  const merge: ConsentCause = { ...cause, source: 'merge', startsFlows: false };
  await execute(tx, changeStatement(merge, wanted, 'all'));
}

/** Deletes the consents of erased people. Their history stays, without who it was. `formerly`: merged into these. */
export async function eraseConsents(
  tx: Tx,
  sectionId: SectionId,
  profileIds: readonly ProfileId[],
  formerly: readonly ProfileId[],
): Promise<void> {
  await execute(
    tx,
    sql`delete from consent where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
  );
  await execute(
    tx,
    sql`update consent_change set profile_id = null, reason = '', given_source = '', proof = ''
        where section_id = ${sectionId} and profile_id = any(${[...profileIds, ...formerly]}::bigint[])`,
  );
}

/** What one step of an undo did. `cursor`: the last id of the history that it read. */
export type UndoneConsents = { cursor: number; looked: number; restored: number; kept: number };

/**
 * Rows of the history that are reverted, each pair of profile, topic and channel once: the state before the first of
 * them, and whether somebody else has changed it since. `changes` selects rows of consent_change.
 */
const returnable = (sectionId: SectionId, changes: Sql, since: (row: Sql) => Sql): Sql => sql`
  select distinct on (profile_id, topic_id, channel) undone.profile_id, undone.topic_id, undone.channel,
    undone.before as type,
    exists (
      select from consent_change later
      where later.section_id = ${sectionId} and later.profile_id = undone.profile_id
        and later.topic_id = undone.topic_id and later.channel = undone.channel and later.id > undone.id
        and ${since(sql`later`)}
    ) as changed_since,
    undone.id
  from (${changes}) undone
  where undone.profile_id is not null
  order by profile_id, topic_id, channel, undone.id`;

/** What a consent was before, with its evidence. `judged`: as of `returnable`. */
const asBefore = (sectionId: SectionId, judged: Sql): Sql => sql`
  select judged.profile_id, judged.topic_id, judged.channel, judged.type, coalesce(earlier.reason, '') as reason,
    coalesce(earlier.given_source, '') as source, coalesce(earlier.wording, '') as wording,
    coalesce(earlier.proof, '') as proof, earlier.at as since
  from (${judged}) judged
  left join lateral (
    select entry.* from consent_change entry
    where entry.section_id = ${sectionId} and entry.profile_id = judged.profile_id
      and entry.topic_id = judged.topic_id and entry.channel = judged.channel and entry.id < judged.id
      and entry.after = judged.type and entry.source <> ${CONSENT_SOURCES.undo}
    order by entry.id desc
    limit 1
  ) earlier on judged.type is not null
  where not judged.changed_since`;

/**
 * Reverts up to `limit` changes of an operation, after id `after` of the history: each consent returns to its state
 * before the operation, unless somebody has changed it since. What it keeps is recorded in `undo_exception`.
 */
export async function undoConsentChanges(
  tx: Tx,
  cause: ConsentCause & { operationId: OperationId },
  undone: Undone,
  { after, limit }: { after: number; limit: number },
): Promise<UndoneConsents> {
  const { sectionId } = cause;
  await execute(tx, sql`drop table if exists undo_consents, undo_consent_changes`);
  await execute(
    tx,
    sql`
      create temporary table undo_consent_changes on commit drop as
      select id, profile_id, topic_id, channel, before from consent_change change
      where section_id = ${sectionId} and ${isUndone(sql`change`, undone)} and id > ${after}
        and before is distinct from after
      order by id
      limit ${limit}`,
  );
  const { looked, cursor } = await one<{ looked: number; cursor: number }>(
    tx,
    sql`select count(*) as looked, coalesce(max(id), ${after}::bigint) as cursor from undo_consent_changes`,
  );
  if (looked === 0) return { looked, cursor, restored: 0, kept: 0 };
  const changes = await asParameter(
    tx,
    sql`select id, profile_id, topic_id, channel, before from undo_consent_changes`,
    sql`id bigint, profile_id bigint, topic_id int, channel text, before text`,
  );
  await lockProfiles(tx, sectionId, sql`select profile_id from (${changes}) changes`);
  await execute(
    tx,
    sql`
      create temporary table undo_consents on commit drop as
      ${returnable(sectionId, changes, (row) => byOthers(row, undone))}`,
  );
  const judged = await asParameter(
    tx,
    sql`select * from undo_consents`,
    sql`profile_id bigint, topic_id int, channel text, type text, changed_since boolean, id bigint`,
  );
  const wanted = await asParameter(tx, asBefore(sectionId, judged), DATED);
  const { changed } = await one<ConsentsChanged>(tx, changeStatement(cause, wanted, 'all'));
  await recordExceptions(
    tx,
    cause,
    sql`select distinct profile_id, null::int as tag_id, 'changed_since' as reason from undo_consents where changed_since`,
  );
  const { kept } = await one<{ kept: number }>(
    tx,
    sql`select count(*) filter (where changed_since) as kept from undo_consents`,
  );
  return { looked, cursor, restored: changed, kept };
}

/**
 * Reverts one change that a person made, and returns whose it is. Undefined: somebody has changed the consent since, or it was never changed so.
 */
export async function revertConsentChange(
  tx: Tx,
  cause: ConsentCause,
  changeId: number,
): Promise<ProfileId | undefined> {
  const { sectionId, userId } = cause;
  const change = sql`
    select id, profile_id, topic_id, channel, before from consent_change
    where section_id = ${sectionId} and id = ${changeId} and source = ${CONSENT_SOURCES.user} and user_id = ${userId}
      and before is distinct from after`;
  await lockProfiles(tx, sectionId, change);
  const judged = returnable(sectionId, change, () => sql`true`);
  const wanted = await asParameter(tx, asBefore(sectionId, judged), DATED);
  const { changed } = await one<ConsentsChanged>(tx, changeStatement(cause, wanted, 'all'));
  if (changed === 0) return undefined;
  const { profileId } = await one<{ profileId: ProfileId }>(
    tx,
    sql`select profile_id as "profileId" from (${change}) change`,
  );
  return profileId;
}

/** How many consents an undo would restore, and keep, by topic and channel. */
export function consentsToRestore(sectionId: SectionId, undone: Undone, among: Sql): Sql {
  const changes = sql`
    select id, profile_id, topic_id, channel, before from consent_change change
    where section_id = ${sectionId} and ${isUndone(sql`change`, undone)} and ${among}
      and before is distinct from after`;
  return sql`
    select count(*) filter (where not changed_since) as "goBack", count(*) filter (where changed_since) as stay
    from (${returnable(sectionId, changes, (row) => byOthers(row, undone))}) judged`;
}

/** The newest change of one consent, for an undo in place. */
export async function newestChange(
  tx: Tx,
  sectionId: SectionId,
  { profileId, topicId, channel }: { profileId: ProfileId; topicId: number; channel: string },
): Promise<number | null> {
  const [newest] = await rows<{ id: number }>(
    tx,
    sql`
      select id from consent_change
      where section_id = ${sectionId} and profile_id = ${profileId} and topic_id = ${topicId} and channel = ${channel}
      order by at desc, id desc
      limit 1`,
  );
  return newest?.id ?? null;
}
