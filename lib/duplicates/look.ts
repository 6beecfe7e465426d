// Looks through all profiles of a section for possible duplicates: in steps, each of which compares a part of the values.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, type OperationId, type SectionId, type UserId } from '@/lib/db/ids';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts, type OperationRow, type StepResult } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';
import { comparedValues, usualCallingCode } from './matching';
import { PAIRED_MAX, REASON_BITS, REASONS } from './schema';
import { readSources } from './sources';

/**
 * A step reads all profiles, and compares what falls in its part of one reason's values. With more parts each needs less
 * memory; but each reads all.
 */
const PROFILES_PER_PART = 500_000;

/** The largest crowds of each part are kept. */
const CROWDS = 20;

const LookInput = z.object({
  /** Into how many parts the values of each reason are divided. */
  parts: z.int().positive(),
  /** The number of profiles at the start. */
  profiles: z.int().nonnegative(),
  callingCode: z.string().nullable(),
});
type LookInput = z.output<typeof LookInput>;

export const findDuplicatesKind = operationKind({
  kind: 'find_duplicates',
  input: LookInput,
  undoable: false,
  cancellable: true,
  retryable: true,
  listed: true,
  words: {
    name: 'Looks for possible duplicates',
    counts: [
      ['profiles', 'profiles compared'],
      ['pairs', 'pairs to decide'],
      ['crowds', `values shared by more than ${PAIRED_MAX} people`],
    ],
  },
  step: (tx, operation) => lookStep(tx, operation),
  beforeRetry: async (tx, { sectionId, id }) => {
    const look = await lockLook(tx, sectionId);
    if (look.operationId !== id) {
      refuse(
        'conflict',
        'There has been a newer look for duplicates. Start a new one from the page Possible duplicates.',
      );
    }
  },
  page: async () => ({ path: '/profiles/duplicates', words: 'Possible duplicates' }),
});

/**
 * Starts a look. While one is running it starts no other: `operationId` is the running one, and `started` is false.
 */
export const lookForDuplicates = command({
  name: 'duplicates.look',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema }),
  run: ({ tx, actor }, { sectionId }) => startLook(tx, sectionId, actorUserId(actor)),
  audit: (_input, { operationId, started }) =>
    started ? { summary: 'Looked for possible duplicates', subject: `operation:${operationId}` } : null,
});

/**
 * Starts a look within a transaction. `userId`: null if Tagwell does it by itself. `started`: false if one is running; then
 * `operationId` is that one.
 */
export async function startLook(
  tx: Tx,
  sectionId: SectionId,
  userId: UserId | null,
): Promise<{ operationId: OperationId; started: boolean }> {
  await execute(
    tx,
    sql`insert into duplicate_look (section_id, operation_id) values (${sectionId}, 0) on conflict do nothing`,
  );
  const latest = await lockLook(tx, sectionId);
  if (latest.running) return { operationId: latest.operationId, started: false };
  const { profiles } = await one<{ profiles: number }>(
    tx,
    sql`select coalesce(sum(profiles), 0)::bigint as profiles from profile_count where section_id = ${sectionId}`,
  );
  const callingCode = await usualCallingCode(tx, sectionId);
  const operationId = await startOperation(tx, findDuplicatesKind, {
    sectionId,
    summary: 'Look for possible duplicates',
    input: { parts: Math.max(1, Math.ceil(profiles / PROFILES_PER_PART)), profiles, callingCode },
    total: profiles,
    userId,
  });
  await execute(
    tx,
    sql`
      update duplicate_look set operation_id = ${operationId}, calling_code = ${callingCode}
      where section_id = ${sectionId}`,
  );
  return { operationId, started: true };
}

/** Locks the section's row of looks, so that no two run at once. */
async function lockLook(tx: Tx, sectionId: SectionId): Promise<{ operationId: OperationId; running: boolean }> {
  const { operationId } = await one<{ operationId: OperationId }>(
    tx,
    sql`
      select operation_id as "operationId" from duplicate_look
      where section_id = ${sectionId}
      for update`,
  );
  const running = await maybeOne(
    tx,
    sql`
      select from operation
      where section_id = ${sectionId} and id = ${operationId} and status in ('queued', 'running')`,
  );
  return { operationId, running: running !== undefined };
}

const lookStep: OperationStep<LookInput> = async (tx, operation) =>
  operation.cursor < operation.input.parts * REASONS.length ? comparePart(tx, operation) : finish(tx, operation);

/** Compares one part of the values of one reason, and notes the pairs and crowds in it. */
async function comparePart(tx: Tx, operation: OperationRow<LookInput>): Promise<StepResult> {
  const { sectionId, cursor, id } = operation;
  const { parts, profiles, callingCode } = operation.input;
  const reason = REASONS[Math.floor(cursor / parts)]!;
  const how = { sources: await readSources(tx, sectionId), callingCode };
  const { values } = await one<{ values: number }>(
    tx,
    sql`
      with compared as materialized (
        select profile_id, hashtextextended(value, 0) as hash
        from (${comparedValues(sectionId, how, { reasons: [reason] })}) compared
        where ${parts}::int = 1 or (hashtext(value) & 2147483647) % ${parts}::int = ${cursor % parts}::int
      ),
      shared as materialized (
        select hash
        from compared
        group by hash
        having min(profile_id) < max(profile_id)
      ),
      people as materialized (
        select hash, profile_id, count(*) over (partition by hash) as together
        from (select distinct hash, profile_id from compared join shared using (hash)) sharing
      ),
      groups as (
        select array_agg(profile_id order by profile_id) as ids
        from people
        where together <= ${PAIRED_MAX}
        group by hash
      ),
      pairs as (
        insert into duplicate_pair as pair (section_id, first_profile_id, second_profile_id, reasons, look_id)
        select distinct ${sectionId}::int, one.id, other.id, ${REASON_BITS[reason]}::smallint, ${id}::int
        from groups
        cross join lateral unnest(groups.ids) one (id)
        cross join lateral unnest(groups.ids) other (id)
        where one.id < other.id
        on conflict (section_id, first_profile_id, second_profile_id) do update
        set look_id = excluded.look_id,
          reasons = case when pair.look_id = excluded.look_id then pair.reasons | excluded.reasons else excluded.reasons end
      ),
      crowds as (
        insert into duplicate_crowd (section_id, look_id, reason, profile_id, people)
        select ${sectionId}::int, ${id}::int, ${REASON_BITS[reason]}::smallint, min(profile_id), count(*)
        from people
        where together > ${PAIRED_MAX}
        group by hash
        order by count(*) desc
        limit ${CROWDS}
        on conflict do nothing
      )
      select count(*) as values from compared`,
  );
  const compared = Math.round((profiles * (cursor + 1)) / (parts * REASONS.length));
  return {
    cursor: cursor + 1,
    progress: compared,
    counts: { ...addCounts(operation.counts, { [reason]: values }), profiles: compared },
    done: false,
  };
}

/** Removes what this look has not found again; decisions stay as long as both profiles do. */
async function finish(tx: Tx, operation: OperationRow<LookInput>): Promise<StepResult> {
  const { sectionId, id, cursor, progress, counts } = operation;
  await execute(
    tx,
    sql`delete from duplicate_pair where section_id = ${sectionId} and dismissed_at is null and look_id <> ${id}`,
  );
  await execute(
    tx,
    sql`
      delete from duplicate_pair pair
      where pair.section_id = ${sectionId} and pair.dismissed_at is not null and 2 > (
        select count(*) from profile
        where profile.section_id = ${sectionId} and profile.id in (pair.first_profile_id, pair.second_profile_id)
      )`,
  );
  await execute(tx, sql`delete from duplicate_crowd where section_id = ${sectionId} and look_id <> ${id}`);
  await execute(
    tx,
    sql`update duplicate_look set done_id = ${id}, done_at = ${new Date()} where section_id = ${sectionId}`,
  );
  const found = await one<{ pairs: number; crowds: number }>(
    tx,
    sql`
      select
        (select count(*) from duplicate_pair where section_id = ${sectionId} and dismissed_at is null) as pairs,
        (select count(*) from duplicate_crowd where section_id = ${sectionId}) as crowds`,
  );
  return { cursor, progress, counts: { ...counts, ...found }, done: true };
}
