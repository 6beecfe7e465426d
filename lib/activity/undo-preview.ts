// The effect of an undo or a redo, before it is started.
import type { AttributeValues } from '@/lib/attributes/schema';
import { consentsToRestore } from '@/lib/consents/change';
import type { OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { Cancelled, runCancellable } from '@/lib/db/cancellable';
import { one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { countMoved, startedBy } from '@/lib/flows/undone-entries';
import { profileName, type ProfileKey } from '@/lib/profiles/schema';
import { restoredBy, returnableValues } from '@/lib/profiles/undo';
import { returning, willReturn } from '@/lib/profiles/undone';
import { isUndone, judgedPairs, type Undone } from '@/lib/tags/undo';
import { findOperation } from '@/lib/work/lock';
import { whyKept } from './undo';
import type { UndoPreview } from './undo-words';
import { requireUndoable } from './undoable';

const EXAMPLES = 5;

/** How long each of the three exact counts may take; after that, a sample is used. */
const EXACT_SECONDS = 10;
const SAMPLE_SECONDS = 20;
/** The approximate number of people in a sample. */
const SAMPLE_SIZE = 20_000;

type Options = { signal?: AbortSignal; exactSeconds?: number; sampleSize?: number };

/**
 * The effect of undoing an operation, or of redoing it, if it is an undo. Refuses for the same reasons as `undoOperation`. `signal`: aborted when the
 * caller disconnects; then throws `Cancelled`.
 */
export async function undoPreview(
  { sectionId, operationId }: { sectionId: SectionId; operationId: OperationId },
  { signal, exactSeconds = EXACT_SECONDS, sampleSize = SAMPLE_SIZE }: Options = {},
): Promise<UndoPreview> {
  try {
    return await runCancellable({ signal, seconds: exactSeconds }, (db) => read(db, { sectionId, operationId }));
  } catch (error) {
    if (!(error instanceof Cancelled) || error.why === 'abandoned') throw error;
    return runCancellable({ signal, seconds: SAMPLE_SECONDS }, (db) =>
      read(db, { sectionId, operationId }, sampleSize),
    );
  }
}

async function read(
  db: Db,
  { sectionId, operationId }: { sectionId: SectionId; operationId: OperationId },
  sampleSize?: number,
): Promise<UndoPreview> {
  const undone = await requireUndoable(db, { sectionId, operationId });
  const { summary } = await findOperation(db, { sectionId, operationId: undone.root });
  const every = sampleSize === undefined ? 1 : await sampleOf(db, sectionId, undone, sampleSize);
  const scope: PreviewScope = { sectionId, undone, every };
  return {
    kind: undone.kind,
    operationId,
    summary,
    people: { ...(await readPeople(db, scope)), ...(await readReturning(db, scope)) },
    values: await readValues(db, scope),
    consents: await readConsents(db, scope),
    tags: await readTags(db, scope),
    entries: undone.kind === 'undo' ? await startedBy(db, sectionId, undone.ids) : [],
    places: await countMoved(db, sectionId, undone.ids),
    estimated: every > 1,
  };
}

/** `every`: one in this many people is examined, and counts for all of them. */
type PreviewScope = { sectionId: SectionId; undone: Undone; every: number };

async function sampleOf(db: Db, sectionId: SectionId, undone: Undone, size: number): Promise<number> {
  const { rows: found } = await one<{ rows: number }>(
    db,
    sql`
      select greatest(
        (select count(*) from profile_change row where section_id = ${sectionId} and ${isUndone(sql`row`, undone)}),
        (select count(*) from tag_change row where section_id = ${sectionId} and ${isUndone(sql`row`, undone)}),
        (select count(*) from consent_change row where section_id = ${sectionId} and ${isUndone(sql`row`, undone)})
      ) as rows`,
  );
  return Math.max(1, Math.round(found / size));
}

const inSample = ({ every }: PreviewScope): Sql =>
  every === 1 ? sql`true` : sql`abs(hashint8(profile_id)::bigint) % ${every} = 0`;

const why = (profileId: Sql, { sectionId, undone }: PreviewScope): Sql =>
  whyKept(sectionId, profileId, undone, { tagsUndone: false });

type People = UndoPreview['people'];

/** Whom a redo would create again, of those whom the undo deleted. */
async function readReturning(db: Db, { sectionId, undone }: PreviewScope): Promise<Pick<People, 'comeBack' | 'lost'>> {
  if (undone.kind === 'undo') return { comeBack: 0, lost: 0 };
  const { comeBack, deleted } = await one<{ comeBack: number; deleted: number }>(
    db,
    sql`
      select
        (select count(*) from (${returning(sectionId, undone.ids)}) returning_profiles) as "comeBack",
        (
          select coalesce(sum((counts ->> 'profilesRemoved')::bigint), 0)::bigint from operation
          where section_id = ${sectionId} and id = any(${undone.ids}::int[])
        ) as deleted`,
  );
  return { comeBack, lost: Math.max(0, deleted - comeBack) };
}

async function readPeople(db: Db, scope: PreviewScope): Promise<Pick<People, 'go' | 'stay' | 'examples'>> {
  const { sectionId, undone, every } = scope;
  const { go, stay, examples } = await one<{ go: number; stay: number; examples: ProfileId[] }>(
    db,
    sql`
      with judged as materialized (
        select made.profile_id, ${why(sql`made.profile_id`, scope)} is not null as stays
        from (
          select profile_id from profile_change change
          where section_id = ${sectionId} and ${isUndone(sql`change`, undone)} and created and ${inSample(scope)}
        ) made
      )
      select count(*) filter (where not stays) as go, count(*) filter (where stays) as stay,
        array(select profile_id from judged where stays limit ${EXAMPLES}) as examples
      from judged`,
  );
  return { go: go * every, stay: stay * every, examples: await readExamples(db, scope, examples) };
}

async function readExamples(db: Db, scope: PreviewScope, ids: readonly ProfileId[]): Promise<People['examples']> {
  const { sectionId } = scope;
  const found = await rows<{ id: ProfileId; attributes: AttributeValues; keys: ProfileKey[]; reason: string }>(
    db,
    sql`
      select profile.id, profile.attributes,
        (
          select coalesce(json_agg(json_build_object('keyspaceId', keyspace_id, 'key', key) order by keyspace_id), '[]')
          from profile_key where profile_key.section_id = ${sectionId} and profile_key.profile_id = profile.id
        ) as keys,
        ${why(sql`profile.id`, scope)} as reason
      from profile
      where profile.section_id = ${sectionId} and profile.id = any(${ids}::bigint[])
      order by profile.id`,
  );
  return found.map(({ id, attributes, keys, reason }) => ({
    profileId: id,
    name: profileName(id, attributes, keys),
    reason,
  }));
}

async function readValues(db: Db, scope: PreviewScope): Promise<UndoPreview['values']> {
  const { sectionId, undone, every } = scope;
  const found = await one<{ changed: number; goBack: number; links: number; either: number }>(
    db,
    sql`
      with changes as materialized (
        select id, profile_id, before, after
        from profile_change made
        where section_id = ${sectionId} and ${isUndone(sql`made`, undone)} and not created and ${inSample(scope)}
          and not ${restoredBy(sectionId, sql`made.profile_id`, undone)}
      )
      select
        (select count(distinct profile_id) from changes) as changed,
        count(distinct profile_id) filter (where not is_link) as "goBack",
        count(distinct profile_id) filter (where is_link) as links,
        count(distinct profile_id) as either
      from (
        select profile_id, code like 'key:%' and exists (
          select from keyspace where 'key:' || keyspace.id = returnable.code and keyspace.kind = 'integration'
        ) as is_link
        from (${returnableValues(sectionId, sql`select * from changes`)}) returnable
      ) judged`,
  );
  const { changed, goBack, links, either } = found;
  return { goBack: goBack * every, links: links * every, stay: (changed - either) * every };
}

async function readConsents(db: Db, scope: PreviewScope): Promise<UndoPreview['consents']> {
  const { sectionId, undone, every } = scope;
  const { goBack, stay } = await one<UndoPreview['consents']>(
    db,
    consentsToRestore(sectionId, undone, inSample(scope)),
  );
  return { goBack: goBack * every, stay: stay * every };
}

async function readTags(db: Db, scope: PreviewScope): Promise<UndoPreview['tags']> {
  const { sectionId, undone, every } = scope;
  const ledger = sql`(
    select id, profile_id, tag_id, holder_id, action
    from tag_change ledger
    where section_id = ${sectionId} and ${isUndone(sql`ledger`, undone)} and ${inSample(scope)}
  )`;
  const returns = undone.kind === 'redo' ? willReturn(sectionId, sql`batch.profile_id`, undone.ids) : sql`false`;
  const found = await rows<UndoPreview['tags'][number]>(
    db,
    sql`
      with judged as (
        select judged.*, not impossible and not changed_since as undoable,
          exists (
            select from profile_tag held
            where held.section_id = ${sectionId} and held.tag_id = judged.tag_id and held.profile_id = judged.profile_id
          ) as held,
          exists (
            select from profile_tag held
            where held.section_id = ${sectionId} and held.tag_id = judged.tag_id and held.profile_id = judged.profile_id
              and held.direct and judged.holder_id <> 0
          ) or exists (
            select from tag_claim claim
            where claim.section_id = ${sectionId} and claim.tag_id = judged.tag_id
              and claim.profile_id = judged.profile_id and claim.holder_id <> judged.holder_id and not claim.suppressed
          ) as claimed
        from (${judgedPairs(sectionId, ledger, undone, { returns })}) judged
        where not repeated
      ),
      counted as (
        select tag_id,
          count(*) filter (where undoable and action = 1 and held and not claimed) as off,
          count(*) filter (where undoable and action = 1 and held and claimed) as claimed,
          count(*) filter (where undoable and action = -1 and not held) as back,
          count(*) filter (where changed_since and not impossible) as stay,
          count(*) filter (where impossible) as impossible
        from judged
        group by tag_id
      )
      select tag.id as "tagId", tag.name, tag.colour, off * ${every}::bigint as "comeOff", back * ${every}::bigint as "comeBack",
        stay * ${every}::bigint as stay, claimed * ${every}::bigint as claimed, impossible * ${every}::bigint as impossible
      from counted
      join tag on tag.section_id = ${sectionId} and tag.id = counted.tag_id
      order by tag.name_key`,
  );
  return found;
}
