// Merges staged rows into profiles: set-based statements over import_row and, for each step, the temporary tables
// import_batch (a row per profile) and import_batch_key (its keys in other keyspaces).
import { refuse } from '@/lib/access/refusal';
import type { ImportId, KeyspaceId, OperationId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { LostRace } from '@/lib/db/pool';
import { asParameter } from '@/lib/db/as-parameter';
import { execute, maybeOne, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { changeConsents } from '@/lib/consents/change';
import { requireOffered } from '@/lib/consents/topics';
import { changingPeople } from '@/lib/flows/through-segments';
import { changeProfiles, createProfiles } from '@/lib/profiles/change';
import { changeTags, wantedFor, wantedPairs } from '@/lib/tags/change';
import { conflictReason } from './conflicts';
import { hasOwnTags, tagMark, type Example, type Mapping } from './schema';

/** The rows of a step: those after `after` up to `upTo`, and later ones of the same keys. */
export type Batch = {
  sectionId: SectionId;
  importId: ImportId;
  operationId: OperationId;
  userId: UserId | null;
  mapping: Mapping & { match: KeyspaceId };
  after: number;
  upTo: number;
  /** The current tag for a tag of the mapping: another one if it has been merged since. */
  tagNow: (tagId: TagId) => TagId;
  /** Whether everything is rolled back: no history is written then, since a dry run does not read it. */
  dry: boolean;
};

type Counts = Record<string, number>;

/** Merges a step's rows and tags their profiles. `skipped`: the first rows outside the import's scope. */
export async function mergeBatch(tx: Tx, batch: Batch): Promise<{ counts: Counts; skipped: Example[] }> {
  await loadBatch(tx, batch);
  await takeOutConflicts(tx, batch);
  const left = await takeOutUnwanted(tx, batch);
  const { created, updated, tags, consents, taken } = await changingPeople(
    tx,
    causeOf(batch),
    sql`select profile_id from import_batch`,
    async () => ({
      created: await createNew(tx, batch),
      updated: await updateExisting(tx, batch),
      taken: (await one<{ taken: number }>(tx, sql`select count(*) as taken from import_batch`)).taken,
      tags: await tagProfiles(tx, batch),
      consents: await setConsents(tx, batch),
    }),
  );
  await storeRejects(tx, batch);
  const counts = {
    ...(await countRows(tx, batch)),
    created,
    updated,
    unchanged: taken - created - updated,
    skipped: left.count,
    ...tags,
    ...consents,
  };
  return { counts, skipped: left.first };
}

const inStep = ({ sectionId, importId, after, upTo }: Batch, row: Sql) => sql`
  section_id = ${sectionId} and import_id = ${importId} and ${row} > ${after} and ${row} <= ${upTo}`;

/** Loads the step's profiles, and locks those that exist, in order. */
async function loadBatch(tx: Tx, batch: Batch): Promise<void> {
  const { sectionId, importId, mapping } = batch;
  await tx.query('drop table if exists import_batch, import_batch_key');
  await execute(
    tx,
    sql`
      create temporary table import_batch on commit drop as
      select staged.row, staged.line, staged.key, staged.attributes, staged.other_keys, known.profile_id,
        known.profile_id is null as created
      from (select * from import_row where ${inStep(batch, sql`row`)} and reason is null) staged
      left join profile_key known
        on known.section_id = ${sectionId} and known.keyspace_id = ${mapping.match} and known.key = staged.key
      where not exists (
        select from import_repeat repeat
        where repeat.section_id = ${sectionId} and repeat.import_id = ${importId} and repeat.row = staged.row
      )`,
  );
  await mergeRepeats(tx, batch);
  await tx.query('analyze import_batch');
  await execute(
    tx,
    sql`
      create temporary table import_batch_key on commit drop as
      select batch.key as match_key, other.keyspace_id, other.key collate "C" as key, known.profile_id
      from import_batch batch
      cross join lateral (
        select keyspace::int as keyspace_id, key from jsonb_each_text(batch.other_keys) each (keyspace, key)
      ) other
      left join profile_key known
        on known.section_id = ${sectionId} and known.keyspace_id = other.keyspace_id and known.key = other.key collate "C"`,
  );
  const known = await asParameter(
    tx,
    sql`select profile_id from import_batch where profile_id is not null`,
    sql`profile_id bigint`,
  );
  const locked = await execute(
    tx,
    sql`
      select from profile
      where section_id = ${sectionId} and id = any(array(select profile_id from (${known}) known))
      order by id
      for no key update`,
  );
  const { expected } = await one<{ expected: number }>(
    tx,
    sql`select count(distinct profile_id) as expected from import_batch`,
  );
  // A profile was deleted or merged after its key was looked up.
  if (locked < expected) throw new LostRace();
}

/**
 * Later rows of a key override earlier ones, value by value. An empty cell clears a profile's value, but not another
 * row's.
 */
async function mergeRepeats(tx: Tx, batch: Batch): Promise<void> {
  const { sectionId, importId } = batch;
  const any = await maybeOne(tx, sql`select from import_repeat where ${inStep(batch, sql`first_row`)} limit 1`);
  if (!any) return;
  const merged = (column: Sql) => sql`
    select repeat.first_row, jsonb_object_agg(value.key, value.value order by value.value <> 'null', repeat.row) as merged
    from (select * from import_repeat where ${inStep(batch, sql`first_row`)}) repeat
    join import_row staged
      on staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.row = repeat.row
    cross join lateral jsonb_each(staged.${column}) value
    group by repeat.first_row`;
  for (const column of [sql`attributes`, sql`other_keys`]) {
    await execute(
      tx,
      sql`
        update import_batch
        set ${column} = import_batch.${column} || later.merged
          || jsonb_strip_nulls(import_batch.${column}) || jsonb_strip_nulls(later.merged)
        from (${merged(column)}) later
        where later.first_row = import_batch.row`,
    );
  }
}

/** Rejects rows whose keys were taken since the import started. */
async function takeOutConflicts(tx: Tx, batch: Batch): Promise<void> {
  const { sectionId, importId } = batch;
  await execute(
    tx,
    sql`
      with conflicts as (
        select distinct on (other.match_key) other.match_key, other.key
        from import_batch_key other
        join import_batch batch on batch.key = other.match_key
        where other.profile_id is not null and other.profile_id is distinct from batch.profile_id
        order by other.match_key
      ),
      removed_keys as (delete from import_batch_key using conflicts where import_batch_key.match_key = conflicts.match_key),
      removed as (
        delete from import_batch using conflicts
        where import_batch.key = conflicts.match_key
        returning import_batch.row, conflicts.key, conflicts.match_key
      ),
      removed_repeats as (
        delete from import_repeat repeat using removed
        where repeat.section_id = ${sectionId} and repeat.import_id = ${importId} and repeat.first_row = removed.row
        returning repeat.row, removed.key, removed.match_key
      )
      update import_row staged
      set reason = ${conflictReason(sql`lost.key`, sql`lost.match_key`)}
      from (select * from removed union all select * from removed_repeats) lost
      where staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.row = lost.row`,
  );
}

/** Skips the rows outside the import's scope. */
async function takeOutUnwanted(tx: Tx, { mapping }: Batch): Promise<{ count: number; first: Example[] }> {
  if (mapping.rows === 'all') return { count: 0, first: [] };
  const unwanted = mapping.rows === 'new' ? sql`profile_id is not null` : sql`profile_id is null`;
  const left = await one<{ count: number; first: Example[] | null }>(
    tx,
    sql`
      with removed as (delete from import_batch where ${unwanted} returning row, line, key)
      select (select count(*) from removed) as count,
        (select json_agg(json_build_object('line', line, 'key', key))
         from (select line, key from removed order by row limit 10) first) as first`,
  );
  await execute(tx, sql`delete from import_batch_key where match_key not in (select key from import_batch)`);
  return { count: left.count, first: left.first ?? [] };
}

/** Creates the new profiles. Returns their number. */
async function createNew(tx: Tx, batch: Batch): Promise<number> {
  const { mapping, dry } = batch;
  const created = await execute(
    tx,
    sql`
      update import_batch
      set profile_id = nextval('profile_id_seq'), attributes = jsonb_strip_nulls(attributes)
      where created`,
  );
  if (created === 0) return 0;
  const { taken } = await createProfiles(
    tx,
    causeOf(batch),
    {
      profiles: sql`select profile_id, attributes, attributes as noted from import_batch where created`,
      keys: sql`
        select profile_id, ${mapping.match}::int as keyspace_id, key, 0 as slot from import_batch where created
        union all
        ${otherKeys({ created: true })}`,
    },
    { history: !dry },
  );
  if (taken > 0) throw new LostRace();
  return created;
}

const causeOf = ({ sectionId, userId, operationId, mapping, dry }: Batch) => ({
  sectionId,
  source: 'import' as const,
  userId,
  operationId,
  // A dry run says what it would start.
  startsFlows: dry || mapping.startsFlows,
});

/** Keys in other keyspaces that profiles do not have yet, in the form that the door takes. */
const otherKeys = ({ created }: { created: boolean }) => sql`
  select batch.profile_id, wanted.keyspace_id, wanted.key, 0 as slot
  from import_batch_key wanted
  join import_batch batch on batch.key = wanted.match_key and batch.created = ${created}
  where wanted.profile_id is null`;

/** Changes existing profiles where a value or key differs. Returns the number of changed ones. */
async function updateExisting(tx: Tx, batch: Batch): Promise<number> {
  const { sectionId, mapping } = batch;
  if (mapping.existing === 'keep') return 0;
  if (mapping.existing === 'fill') {
    const existing = sql`profile_id = any(array(select profile_id from import_batch where not created))`;
    const had = await asParameter(
      tx,
      sql`select profile_id, keyspace_id from profile_key where section_id = ${sectionId} and ${existing}`,
      sql`profile_id bigint, keyspace_id int`,
    );
    await execute(
      tx,
      sql`
        delete from import_batch_key wanted
        using import_batch batch, (${had}) old
        where old.profile_id = batch.profile_id and batch.key = wanted.match_key and not batch.created and wanted.profile_id is null
          and old.keyspace_id = wanted.keyspace_id`,
    );
  }
  const { changed, taken } = await changeProfiles(tx, causeOf(batch), {
    values: sql`select profile_id, attributes from import_batch where not created`,
    keys: otherKeys({ created: false }),
    existing: mapping.existing,
  });
  if (taken > 0) throw new LostRace();
  return changed;
}

/**
 * Applies and removes the tags for everyone and those that rows name. A row's own tags take precedence, the latest
 * row's most.
 */
async function tagProfiles(tx: Tx, batch: Batch): Promise<Counts> {
  const { importId, mapping } = batch;
  const cause = { ...causeOf(batch), originId: importId };
  const profiles = sql`select profile_id from import_batch where ${toTag(mapping)}`;
  if (!hasOwnTags(mapping)) {
    const { applied, removed } = await changeTags(tx, cause, wantedFor(profiles, mapping));
    const { wanted } = await one<{ wanted: number }>(tx, sql`select count(*) as wanted from (${profiles}) chosen`);
    return { applied, already: wanted * mapping.apply.length - applied, removed };
  }
  await resolveNames(tx, batch);
  await tx.query('drop table if exists import_wanted');
  await execute(
    tx,
    sql`
      create temporary table import_wanted on commit drop as
      select distinct on (profile_id, tag_id) profile_id, tag_id, apply
      from (
        select for_all.*, 0 as row from (${wantedFor(profiles, mapping).relation}) for_all
        union all
        select named.profile_id, known.tag_id, named.apply, named.row
        from import_named named
        join import_known known using (name)
      ) wanted
      order by profile_id, tag_id, row desc`,
  );
  const { applied, removed } = await changeTags(
    tx,
    cause,
    wantedPairs(sql`select profile_id, tag_id, apply from import_wanted`, { removes: true }),
  );
  const { wanted } = await one<{ wanted: number }>(
    tx,
    sql`select count(*) filter (where apply) as wanted from import_wanted`,
  );
  return { applied, already: wanted - applied, removed };
}

/** Sets the file's consents on its profiles. Unless the mapping says so, it leaves those who have opted out. */
async function setConsents(tx: Tx, batch: Batch): Promise<Counts> {
  const { sectionId, importId, mapping } = batch;
  const { set, source, wording, loosen } = mapping.consents;
  if (set.length === 0) return {};
  for (const { topicId } of set) await requireOffered(tx, sectionId, { id: topicId });
  const { changed, optedOut } = await changeConsents(
    tx,
    { ...causeOf(batch), originId: importId },
    sql`
      select import_batch.profile_id, given.topic_id, given.channel, given.type, ''::text as reason,
        ${source}::text as source, ${wording}::text as wording, ''::text as proof
      from import_batch
      cross join unnest(
        ${set.map(({ topicId }) => topicId)}::int[], ${set.map(({ channel }) => channel)}::text[],
        ${set.map(({ type }) => type)}::text[]
      ) given (topic_id, channel, type)`,
    { replaces: loosen ? 'not-unconfirm' : 'not-weaken' },
  );
  return { consents: changed, opted_out: optedOut };
}

function toTag(mapping: Mapping): Sql {
  if (mapping.tagged === 'all') return sql`true`;
  return mapping.tagged === 'new' ? sql`import_batch.created` : sql`not import_batch.created`;
}

/**
 * Creates `import_named` (profile_id, name, apply, row), the names in the tag columns, and `import_known` (name,
 * tag_id), the tags that they mean now: locked first, so that none is hidden or merged before it is applied. Refuses
 * with `hidden` if a name no longer means a tag.
 */
async function resolveNames(tx: Tx, batch: Batch): Promise<void> {
  const { sectionId, importId, mapping, tagNow } = batch;
  await tx.query('drop table if exists import_named, import_known');
  await execute(
    tx,
    sql`
      create temporary table import_named on commit drop as
      select import_batch.profile_id, named.name, named.apply, staged.row
      from import_batch
      join (
        select row as first_row, row from import_batch
        union all
        select first_row, row from import_repeat where ${inStep(batch, sql`first_row`)}
      ) own on own.first_row = import_batch.row
      join import_row staged
        on staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.row = own.row
      cross join lateral (
        select unnest(staged.apply) as name, true as apply
        union all
        select unnest(staged.remove), false
      ) named
      where ${toTag(mapping)}`,
  );
  const names = await asParameter(tx, sql`select distinct name from import_named`, sql`name text`);
  await execute(
    tx,
    sql`
      select from tag
      where section_id = ${sectionId} and hidden_at is null
        and name_key = any(array(select name from (${names}) names))
      order by id
      for key share`,
  );
  const redirected = [
    ...Object.entries(mapping.names).flatMap(([key, decision]) =>
      decision.to === 'tag' ? [{ key, tagId: tagNow(decision.tagId) }] : [],
    ),
    ...mapping.columns.flatMap((column) =>
      column.to === 'tag' ? [{ key: tagMark(column.tagId), tagId: tagNow(column.tagId) }] : [],
    ),
  ];
  await execute(
    tx,
    sql`
      create temporary table import_known on commit drop as
      with recursive names as (select name from (${names}) names),
      merged as (
        select names.name, tag.merged_into as tag_id
        from names
        join tag on tag.section_id = ${sectionId} and tag.name_key = names.name and tag.merged_into is not null
        union
        select merged.name, tag.merged_into
        from merged
        join tag on tag.section_id = ${sectionId} and tag.id = merged.tag_id and tag.merged_into is not null
      ),
      meant as (
        select name, tag_id, 1 as rank
        from unnest(
          ${redirected.map(({ key }) => key)}::text[], ${redirected.map(({ tagId }) => tagId)}::int[]
        ) redirected (name, tag_id)
        union all
        select name_key, id, 2 from tag where section_id = ${sectionId} and hidden_at is null
        union all
        select merged.name, tag.id, 3
        from merged
        join tag on tag.section_id = ${sectionId} and tag.id = merged.tag_id and tag.hidden_at is null
      )
      select distinct on (name) name, tag_id from meant where name in (select name from names) order by name, rank, tag_id desc`,
  );
  const unusable = await rows<{ name: string; line: number }>(
    tx,
    sql`
      select coalesce((select tag.name from tag where section_id = ${sectionId} and name_key = named.name limit 1), named.name) as name,
        min(staged.line) as line
      from import_named named
      join import_row staged
        on staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.row = named.row
      where named.name not in (select name from import_known)
      group by named.name
      order by line
      limit 3`,
  );
  if (unusable.length === 0) return;
  refuse(
    'hidden',
    `${unusable.map(({ name, line }) => `“${name}” (line ${line})`).join(', ')}: someone has hidden or renamed this tag since the import began. What has been imported so far stays. Undo the import, and import the file again.`,
  );
}

/** Stores rejected rows, with the file's own cells, for the report. */
async function storeRejects(tx: Tx, batch: Batch): Promise<void> {
  await execute(
    tx,
    sql`
      insert into import_reject (section_id, import_id, row, line, cells, reason, key)
      select section_id, import_id, row, line, cells, reason, key
      from import_row
      where ${inStep(batch, sql`row`)} and reason is not null`,
  );
}

async function countRows(tx: Tx, batch: Batch): Promise<{ rows: number; rejected: number; repeated: number }> {
  return one(
    tx,
    sql`
      select count(*) as rows, count(*) filter (where reason is not null) as rejected,
        (select count(*) from import_repeat where ${inStep(batch, sql`row`)}) as repeated
      from import_row
      where ${inStep(batch, sql`row`)}`,
  );
}
