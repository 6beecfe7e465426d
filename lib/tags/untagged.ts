// Finds the profiles without any tag quickly where they are few. Every few minutes they are noted for each large section,
// with the last id of the ledger and of the profiles that the note covers. A profile without a tag now was in the note,
// has lost a tag since, is newer, or had a tag that has been hidden since. Only these candidates are checked. So the note
// may be old, and the writers of tags need not maintain it.
import { setTimeout as pause } from 'node:timers/promises';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { hasNoTag } from './any-tag';

/** With more candidates than this, they are no help: among so many profiles without a tag, a page is soon full. */
const FEW = 20_000;
/** At most this many changes since the note are read. */
const RECENT = 100_000;

const LIMITS = {
  /** Smaller sections are not noted: looking at everyone is quick. Profiles. */
  large: 50_000,
  /** A note is renewed after this many changes of tags, or new profiles. */
  renewAfter: 2_000,
  /** How long to wait for the transactions that are running. Milliseconds. */
  waitMs: 20_000,
};

/** `profiles`: their ids; empty unless `isShort`, because there were too many. */
type Note = {
  lastChange: number;
  lastProfile: number;
  hiddenTags: TagId[];
  profiles: ProfileId[];
  isShort: boolean;
};

const readNote = (db: Db, sectionId: SectionId): Promise<Note | undefined> =>
  maybeOne<Note>(
    db,
    sql`
      select last_change as "lastChange", last_profile as "lastProfile", hidden_tags as "hiddenTags",
        to_json(profiles) as profiles, is_short as "isShort"
      from untagged
      where section_id = ${sectionId}`,
  );

/** Profiles among which all without a tag are; undefined if they are not known, or too many. Use it in the next statement. */
export async function untaggedCandidates(db: Db, sectionId: SectionId): Promise<ProfileId[] | undefined> {
  const note = await readNote(db, sectionId);
  if (!note?.isShort) return undefined;
  const { recent, ids } = await one<{ recent: number; ids: ProfileId[] }>(
    db,
    sql`
      with recent as materialized (
        select profile_id, action, visible from tag_change
        where section_id = ${sectionId} and id > ${note.lastChange}
        order by id
        limit ${RECENT + 1}
      ),
      newer as (
        select id from profile
        where section_id = ${sectionId} and id > ${note.lastProfile}
        order by id
        limit ${FEW + 1}
      ),
      candidate as (
        select unnest(${note.profiles}::bigint[]) as id
        union
        select id from newer
        union
        select profile_id from recent where action = -1 and visible and profile_id is not null
        union
        select profile_id from profile_tag
        where section_id = ${sectionId} and tag_id = any(array(
          select id from tag
          where section_id = ${sectionId} and hidden_at is not null and id <> all(${note.hiddenTags}::int[])
        ))
      )
      select (select count(*) from recent) as recent, 
        coalesce((select json_agg(id) from (select id from candidate limit ${FEW + 1}) few), '[]') as ids`,
  );
  return recent > RECENT || ids.length > FEW ? undefined : ids;
}

/** The task of workers that calls `noteUntagged`. */
export const NOTE_TASK = 'note_untagged';

/**
 * Has a worker renew the notes soon, besides every few minutes: after a tag was hidden, whose profiles would all be candidates,
 * and when a worker starts. `sectionId`: for a transaction of that section, so that two sections do not wait for one job's row.
 */
export async function requestNote(db: Db, sectionId?: SectionId): Promise<void> {
  const key = sectionId === undefined ? NOTE_TASK : `${NOTE_TASK}:${sectionId}`;
  await execute(db, sql`select graphile_worker.add_job(${NOTE_TASK}, '{}'::json, job_key := ${key})`);
}

/** Renews the notes of large sections in which much has changed. Sections for which it would have to wait are left for later. */
export async function noteUntagged(limits: Partial<typeof LIMITS> = {}): Promise<void> {
  const { large, renewAfter, waitMs } = { ...LIMITS, ...limits };
  const sections = await rows<{ id: SectionId }>(
    pool(),
    sql`select section_id as id from profile_count group by section_id having sum(profiles) >= ${large}`,
  );
  for (const { id } of sections) {
    if (await isStale(id, renewAfter)) await renewNote(id, waitMs);
  }
}

async function isStale(sectionId: SectionId, renewAfter: number): Promise<boolean> {
  const note = await readNote(pool(), sectionId);
  if (!note) return true;
  const { changes, profiles, hidden } = await one<{ changes: number; profiles: number; hidden: boolean }>(
    pool(),
    sql`
      select
        (select count(*) from (
          select from tag_change where section_id = ${sectionId} and id > ${note.lastChange} limit ${renewAfter}
        ) change) as changes,
        (select count(*) from (
          select from profile where section_id = ${sectionId} and id > ${note.lastProfile} limit ${renewAfter}
        ) newer) as profiles,
        exists (
          select from tag
          where section_id = ${sectionId} and hidden_at is not null and id <> all(${note.hiddenTags}::int[])
        ) as hidden`,
  );
  return hidden || Math.max(changes, profiles) >= renewAfter;
}

/**
 * Notes who has no tag. The order matters: the places first, then the tags that are hidden, then the profiles. Whatever
 * happens after a place is read is found by the next question, at worst in addition. The row is locked all the while, so
 * that `forgetUntagged` comes before, and is seen, or after.
 */
async function renewNote(sectionId: SectionId, waitMs: number): Promise<void> {
  const places = await settledPlaces(waitMs);
  if (!places) return;
  await execute(
    pool(),
    sql`
      insert into untagged (section_id, last_change, last_profile, hidden_tags, profiles, is_short)
      values (${sectionId}, 0, 0, '{}', '{}', false)
      on conflict (section_id) do nothing`,
  );
  await transaction(async (tx) => {
    const locked = await maybeOne(tx, sql`select from untagged where section_id = ${sectionId} for update`);
    if (!locked) return;
    const hidden = await rows<{ id: TagId }>(
      tx,
      sql`select id from tag where section_id = ${sectionId} and hidden_at is not null`,
    );
    const among = await untaggedCandidates(tx, sectionId);
    const found = await rows<{ id: ProfileId }>(
      tx,
      sql`
        select profile.id from profile
        where profile.section_id = ${sectionId} and ${hasNoTag(sectionId, sql`profile.id`, among)}
        limit ${FEW + 1}`,
    );
    const isShort = found.length <= FEW;
    await execute(
      tx,
      sql`
        update untagged
        set last_change = ${places.lastChange}, last_profile = ${places.lastProfile},
          hidden_tags = ${hidden.map(({ id }) => id)}::int[],
          profiles = ${isShort ? found.map(({ id }) => id) : []}::bigint[], is_short = ${isShort}
        where section_id = ${sectionId}`,
    );
  });
}

/** For who creates profiles under ids that they had before: nobody would look for them above the place in the note. */
export async function forgetUntagged(tx: Tx, sectionId: SectionId): Promise<void> {
  await execute(tx, sql`delete from untagged where section_id = ${sectionId}`);
}

/**
 * Ids of the ledger and of profiles at or below which none can still appear: an id is taken before its transaction
 * commits, so this waits until all transactions that were running when the ids were read have ended. Undefined if that takes too
 * long.
 */
async function settledPlaces(waitMs: number): Promise<{ lastChange: number; lastProfile: number } | undefined> {
  const places = await one<{ lastChange: number; lastProfile: number }>(
    pool(),
    sql`
      select
        (select case when is_called then last_value else 0 end from tag_change_id_seq) as "lastChange",
        (select case when is_called then last_value else 0 end from profile_id_seq) as "lastProfile"`,
  );
  const running = await runningTransactions();
  for (const until = Date.now() + waitMs; ; await pause(50)) {
    const now = new Set(await runningTransactions());
    if (!running.some((transaction) => now.has(transaction))) return places;
    if (Date.now() > until) return undefined;
  }
}

/** The transactions of this database except the statement's own. Each has a lock on its own number for as long as it runs. */
async function runningTransactions(): Promise<string[]> {
  const found = await rows<{ name: string }>(
    pool(),
    sql`
      select held.virtualtransaction as name
      from pg_locks held
      join pg_stat_activity activity on activity.pid = held.pid and activity.datname = current_database()
      where held.locktype = 'virtualxid' and held.granted and held.pid <> pg_backend_pid()`,
  );
  return found.map(({ name }) => name);
}
