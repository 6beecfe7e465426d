// The profiles of a bulk operation: chosen by a person, fixed at the start, and read batch by batch.
import { z } from 'zod';
import { refuse } from '@/lib/access/refusal';
import { asParameter } from '@/lib/db/as-parameter';
import { Cancelled, withinTime } from '@/lib/db/cancellable';
import { SegmentIdSchema, type OperationId, type ProfileId, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { selectedProfiles } from '@/lib/profiles/filter';
import type { Slice } from '@/lib/profiles/queries';
import { SelectionSchema, type Selection } from '@/lib/profiles/schema';
import { memberSlice } from '@/lib/segments/compile';
import { openRules, openSegment, usedIn, type Opened } from '@/lib/segments/definitions';
import type { Problem } from '@/lib/segments/lookup';
import { lostParts } from '@/lib/segments/lost-parts';
import { evaluationOf, membersOf } from '@/lib/segments/members';
import { RulesSchema } from '@/lib/segments/schema';
import type { OperationRow } from '@/lib/work/schema';

/** The time limit for resolving a selection. */
const SLOWEST_SECONDS = 60;

/** Some profiles, all that match a filter, or all members of a segment. */
export const BulkSelectionSchema = z.discriminatedUnion('kind', [
  ...SelectionSchema.options,
  z.object({ kind: z.literal('segment'), segmentId: SegmentIdSchema }),
]);
export type BulkSelection = z.output<typeof BulkSelectionSchema>;

/** A segment fixed at the start of the operation: its rules, and the time. */
export const FixedRulesSchema = z.object({
  kind: z.literal('rules'),
  rules: RulesSchema,
  /** The segments in the rules, as they were then. */
  segments: z.array(z.object({ id: SegmentIdSchema, name: z.string(), rules: RulesSchema })).default([]),
  now: z.coerce.date(),
});
type FixedRules = z.output<typeof FixedRulesSchema>;

/** A selection that does not change during the operation. */
export const FixedSelectionSchema = z.union([SelectionSchema, FixedRulesSchema]);
export type FixedSelection = z.output<typeof FixedSelectionSchema>;

/**
 * What every bulk operation stores in its row: whom it changes. `until`: the last of them, by id. `listed`: they are in
 * `operation_profile`; false for operations of an earlier version.
 */
export const BulkInput = z.object({
  selection: FixedSelectionSchema,
  until: z.number(),
  listed: z.boolean().default(false),
});

/** Fixes a segment's current rules as a selection. */
export function fixedRules({ rules, definitions }: Opened): FixedRules {
  return { kind: 'rules', rules, segments: usedIn(rules, definitions.segments), now: new Date() };
}

/**
 * Opens the fixed rules of a selection. Refuses with `hidden` if something that they refer to has been hidden since.
 * `words`: the message.
 */
export async function openFixed(
  db: Db,
  sectionId: SectionId,
  { rules, segments }: FixedRules,
  words?: (problem: Problem) => string,
): Promise<Opened> {
  const fixed = new Map(segments.map(({ id, ...segment }) => [id, segment]));
  return { rules, definitions: await openRules(db, sectionId, rules, { fixed, words }) };
}

/** Fixes a selection. Refuses with `hidden` if its filter or segment refers to something that is hidden or gone. */
export async function fixSelection(db: Db, sectionId: SectionId, selection: BulkSelection): Promise<FixedSelection> {
  if (selection.kind === 'segment') return fixedRules(await openSegment(db, sectionId, selection.segmentId));
  await requireUsable(db, sectionId, selection);
  return selection.kind === 'all' ? { ...selection, now: new Date() } : selection;
}

/**
 * Refuses with `hidden` if the filter uses a tag or attribute that is hidden or gone: a filter never loses a part
 * silently.
 */
export async function requireUsable(db: Db, sectionId: SectionId, selection: Selection): Promise<void> {
  if (selection.kind !== 'all') return;
  const { has, hasAny, hasNot, conditions } = selection.filter;
  const parts = { tagIds: [...has, ...hasAny, ...hasNot], codes: conditions.map(({ code }) => code) };
  if (parts.tagIds.length + parts.codes.length === 0) return;
  const [lost] = await lostParts(db, sectionId, parts);
  if (lost) refuse('hidden', `${lost.reason} The filter uses it, so nobody is chosen. Reload the page.`);
}

/** `select profile_id`. */
export async function chosenProfiles(db: Db, sectionId: SectionId, selection: FixedSelection): Promise<Sql> {
  if (selection.kind !== 'rules') return selectedProfiles(db, sectionId, selection);
  return membersOf(sectionId, await openFixed(db, sectionId, selection), { now: selection.now });
}

/**
 * Puts the selected profiles into the temporary table `bulk_chosen (profile_id)` of the transaction. Returns their number,
 * and the last of them. Refuses with `too_many_requests` if this takes longer than `seconds`.
 */
export async function takeSelection(
  tx: Tx,
  sectionId: SectionId,
  selection: FixedSelection,
  seconds = SLOWEST_SECONDS,
): Promise<{ total: number; until: ProfileId }> {
  const profiles = await chosenProfiles(tx, sectionId, selection);
  await tx.query('drop table if exists bulk_chosen');
  try {
    await withinTime(tx, seconds, () =>
      rows(tx, sql`create temporary table bulk_chosen on commit drop as ${profiles}`),
    );
    return await one<{ total: number; until: ProfileId }>(
      tx,
      sql`select count(*) as total, coalesce(max(profile_id), 0)::bigint as until from bulk_chosen`,
    );
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    refuse(
      'too_many_requests',
      `Finding the profiles took longer than ${seconds} seconds and was stopped. Nothing was changed. Try again when the server is less busy, or use simpler rules.`,
    );
  }
}

/** Notes for the operation whom `takeSelection` has found: nobody who matches later is added. */
export async function listChosen(tx: Tx, sectionId: SectionId, operationId: OperationId): Promise<void> {
  const chosen = await asParameter(tx, sql`select profile_id from bulk_chosen`, sql`profile_id bigint`);
  await execute(
    tx,
    sql`
      insert into operation_profile (section_id, profile_id, operation_id)
      select ${sectionId}::int, profile_id, ${operationId}::int from (${chosen}) chosen`,
  );
}

/** Removes the lists of operations that have ended for good. A failed one can be tried again. */
export async function removeOldLists(): Promise<void> {
  await execute(
    pool(),
    sql`
      delete from operation_profile using operation
      where operation.section_id = operation_profile.section_id and operation.id = operation_profile.operation_id
        and operation.status in ('done', 'cancelled')`,
  );
}

/** Fixes a selection and takes it. Refuses with `not_found` if it is empty. */
export async function startSelection(
  tx: Tx,
  sectionId: SectionId,
  chosen: BulkSelection,
): Promise<{ selection: FixedSelection; total: number; until: ProfileId }> {
  const selection = await fixSelection(tx, sectionId, chosen);
  const { total, until } = await takeSelection(tx, sectionId, selection);
  if (total === 0) {
    const why = chosen.kind === 'ids' ? 'all of them have been deleted' : 'nobody matches';
    refuse('not_found', `There are no profiles to change: ${why}.`);
  }
  return { selection, total, until };
}

/** Selects `profile_id` for a slice of the selection. */
export type Next = (slice: Slice) => Sql;

export async function nextChosen(tx: Tx, sectionId: SectionId, selection: FixedSelection): Promise<Next> {
  if (selection.kind === 'rules') return nextMembers(sectionId, await openFixed(tx, sectionId, selection), selection);
  const profiles = await selectedProfiles(tx, sectionId, selection);
  const id = sql`chosen.profile_id`;
  return ({ range, orderAndLimit }) => sql`
    select chosen.profile_id from (${profiles}) chosen where true ${range(id)} ${orderAndLimit(id)}`;
}

/** The next profiles that match the opened rules. */
export function nextMembers(sectionId: SectionId, opened: Opened, { now }: Pick<FixedRules, 'now'>): Next {
  return (slice) => memberSlice(evaluationOf(sectionId, opened, { now }), opened.rules, slice);
}

/**
 * Where a step begins and ends: after the operation's cursor, up to `until`, `limit` profiles; of those that are `listed` for the
 * operation.
 */
export type Reach = {
  operation: Pick<OperationRow, 'sectionId' | 'id' | 'cursor'>;
  until: number;
  listed: boolean;
  limit: number;
};

/** The batch of a step: `last`, the id of its last profile (null: none), and how many `found`. */
export type Batch = { last: ProfileId | null; found: number };

/**
 * Reads the next profiles into the temporary table `bulk_batch (profile_id)` of the transaction: those who were selected
 * when the operation started, and still are.
 */
export async function readBatch(tx: Tx, next: Next, { operation, until, listed, limit }: Reach): Promise<Batch> {
  const { sectionId, id: operationId, cursor } = operation;
  const isListed = (id: Sql) =>
    listed
      ? sql`
          and exists (
            select from operation_profile noted
            where noted.section_id = ${sectionId} and noted.profile_id = ${id} and noted.profile_id > ${cursor}
              and noted.operation_id = ${operationId}
          )`
      : sql``;
  const slice: Slice = {
    range: (id) => sql`and ${id} > ${cursor} and ${id} <= ${until} ${isListed(id)}`,
    orderAndLimit: (id, count = limit) => sql`order by ${id} limit ${count}`,
    limit,
    candidates: 0,
  };
  await tx.query('drop table if exists bulk_batch');
  await rows(tx, sql`create temporary table bulk_batch on commit drop as ${next(slice)}`);
  return one<Batch>(tx, sql`select max(profile_id) as last, count(*) as found from bulk_batch`);
}
