// Tags on many profiles at once: previewed, in steps, undoable.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import {
  SectionIdSchema,
  SegmentIdSchema,
  TagIdSchema,
  type ProfileId,
  type SectionId,
  type TagId,
} from '@/lib/db/ids';
import { Cancelled, withinTime } from '@/lib/db/cancellable';
import { one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { selectedProfiles } from '@/lib/profiles/filter';
import { countProfiles, type Slice } from '@/lib/profiles/queries';
import { ProfileFilterSchema, SelectionSchema, type ProfileFilter } from '@/lib/profiles/schema';
import { memberSlice } from '@/lib/segments/compile';
import { openRules, openSegment, usedIn, type Opened } from '@/lib/segments/definitions';
import { evaluationOf, membersOf } from '@/lib/segments/members';
import type { Problem } from '@/lib/segments/lookup';
import { RulesSchema } from '@/lib/segments/schema';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { lockCurrentTags, requireVisibleTags } from '@/lib/tags/commands';
import { describeTagging } from '@/lib/tags/labels';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts, type OperationRow, type StepResult } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';

const STEP = 25_000;

/** The time limit for resolving a selection. */
const SLOWEST_SECONDS = 60;

/** Some profiles, all that match a filter, or all members of a segment. */
export const BulkSelectionSchema = z.union([
  SelectionSchema,
  z.object({ kind: z.literal('segment'), segmentId: SegmentIdSchema }),
]);
export type BulkSelection = z.output<typeof BulkSelectionSchema>;

/** A segment fixed at the start of the operation: its rules, and the time. */
const FixedRulesSchema = z.object({
  kind: z.literal('rules'),
  rules: RulesSchema,
  /** The segments in the rules, as they were then. */
  segments: z.array(z.object({ id: SegmentIdSchema, name: z.string(), rules: RulesSchema })).default([]),
  now: z.coerce.date(),
});
type FixedRules = z.output<typeof FixedRulesSchema>;

/** A selection that does not change during the operation. */
const FixedSelectionSchema = z.union([SelectionSchema, FixedRulesSchema]);
export type FixedSelection = z.output<typeof FixedSelectionSchema>;

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

async function fix(db: Db, sectionId: SectionId, selection: BulkSelection): Promise<FixedSelection> {
  if (selection.kind === 'segment') return fixedRules(await openSegment(db, sectionId, selection.segmentId));
  return selection.kind === 'all' ? { ...selection, now: new Date() } : selection;
}

/** `select profile_id`. */
async function chosenProfiles(db: Db, sectionId: SectionId, selection: FixedSelection): Promise<Sql> {
  if (selection.kind !== 'rules') return selectedProfiles(sectionId, selection);
  return membersOf(sectionId, await openFixed(db, sectionId, selection), { now: selection.now });
}

const BulkTagSchema = z.object({
  selection: BulkSelectionSchema,
  apply: z.array(TagIdSchema).max(50).default([]),
  remove: z.array(TagIdSchema).max(50).default([]),
});
/** The input of a bulk change, as stored in its row. */
export const StepInput = BulkTagSchema.extend({ selection: FixedSelectionSchema, until: z.number() });
/** The same for operations that are always on a segment. */
export const RulesStepInput = StepInput.extend({ selection: FixedRulesSchema });

export const bulkTagKind = operationKind({
  kind: 'bulk_tag',
  input: StepInput,
  undoable: true,
  cancellable: true,
  retryable: true,
  listed: true,
  words: {
    name: 'Bulk tag changes',
    counts: [
      ['profiles', 'profiles processed'],
      ['applied', 'tags applied'],
      ['removed', 'tags removed'],
    ],
  },
  step: (tx, operation) => bulkTagStep(tx, operation),
});

export type BulkTagPreview = {
  profiles: number;
  /** How many of them have each tag now; on none where a tag is missing. */
  tags: { tagId: TagId; have: number }[];
};

/** The effect of a bulk change: exact at the moment. */
export async function previewBulkTag(db: Db, sectionId: SectionId, selection: BulkSelection): Promise<BulkTagPreview> {
  if (selection.kind === 'all' && isEveryone(selection.filter)) {
    return { profiles: await countProfiles(db, sectionId, selection.filter), tags: await taggedCounts(db, sectionId) };
  }
  const profiles = await chosenProfiles(db, sectionId, await fix(db, sectionId, selection));
  const { count } = await one<{ count: number }>(db, sql`select count(*) as count from (${profiles}) chosen`);
  const tags = await rows<{ tagId: TagId; have: number }>(
    db,
    sql`
      select held.tag_id as "tagId", count(*) as have
      from (${profiles}) chosen
      join profile_tag held
        on held.section_id = ${sectionId} and held.profile_id = chosen.profile_id
      group by held.tag_id`,
  );
  return { profiles: count, tags };
}

const isEveryone = (filter: ProfileFilter): boolean =>
  JSON.stringify(filter) === JSON.stringify(ProfileFilterSchema.parse({}));

/** On how many profiles of the section each tag is: the counters know. */
const taggedCounts = (db: Db, sectionId: SectionId): Promise<BulkTagPreview['tags']> =>
  rows(
    db,
    sql`
      select tag_id as "tagId", sum(profiles)::bigint as have
      from tag_count
      where section_id = ${sectionId}
      group by tag_id
      having sum(profiles) > 0`,
  );

/** Starts a bulk change: `{ operationId }` gives its progress and can be undone. */
export const bulkTag = command({
  name: 'profiles.bulk-tag',
  scope: 'section',
  allow: 'everyone',
  input: BulkTagSchema.extend({ sectionId: SectionIdSchema }),
  run: async ({ tx, actor }, { sectionId, ...input }) => {
    const tagIds = [...input.apply, ...input.remove];
    if (tagIds.length === 0) refuse('invalid', 'Choose at least one tag.', { field: 'apply' });
    await requireVisibleTags(tx, sectionId, tagIds);
    const selection = await fix(tx, sectionId, input.selection);
    const { total, until } = await countSelection(tx, sectionId, selection);
    if (total === 0) refuse('not_found', 'There are no profiles to change: all of them have been deleted.');
    const summary = await describeTagging(tx, sectionId, input, total);
    const operationId = await startOperation(tx, bulkTagKind, {
      sectionId,
      summary,
      input: { ...input, selection, until },
      total,
      userId: actorUserId(actor),
    });
    return { operationId, summary, total };
  },
  audit: ({ apply, remove }, { operationId, summary }) => ({
    summary,
    subject: `operation:${operationId}`,
    details: { apply, remove },
  }),
});

/**
 * The number of selected profiles, and the last of them: profiles created later are not changed. Refuses with
 * `too_many_requests` if this takes longer than `seconds`.
 */
export async function countSelection(
  tx: Tx,
  sectionId: SectionId,
  selection: FixedSelection,
  seconds = SLOWEST_SECONDS,
): Promise<{ total: number; until: ProfileId }> {
  const profiles = await chosenProfiles(tx, sectionId, selection);
  const extent = sql`
    select count(*) as total, coalesce(max(profile_id), 0)::bigint as until
    from (${profiles}) chosen`;
  try {
    return await withinTime(tx, seconds, () => one<{ total: number; until: ProfileId }>(tx, extent));
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    refuse(
      'too_many_requests',
      `Finding the profiles took longer than ${seconds} seconds and was stopped. Nothing was changed. Try again when the server is less busy, or use simpler rules.`,
    );
  }
}

const bulkTagStep: OperationStep<z.output<typeof StepInput>> = async (tx, operation) => {
  const { selection, apply, remove, until } = operation.input;
  const now = await lockCurrentTags(tx, operation.sectionId, [...apply, ...remove]);
  const next = await nextChosen(tx, operation.sectionId, selection);
  return tagNext(tx, operation, { apply: apply.map(now), remove: remove.map(now), until, next, source: 'bulk' });
};

/** Selects `profile_id` for a slice of the selection. */
type Next = (slice: Slice) => Sql;

async function nextChosen(tx: Tx, sectionId: SectionId, selection: FixedSelection): Promise<Next> {
  if (selection.kind === 'rules') return nextMembers(sectionId, await openFixed(tx, sectionId, selection), selection);
  const profiles = selectedProfiles(sectionId, selection);
  const id = sql`chosen.profile_id`;
  return ({ beyond, order }) => sql`
    select chosen.profile_id from (${profiles}) chosen where true ${beyond(id)} ${order(id)}`;
}

/** The next profiles that match the opened rules. */
export function nextMembers(sectionId: SectionId, opened: Opened, { now }: Pick<FixedRules, 'now'>): Next {
  return (slice) => memberSlice(evaluationOf(sectionId, opened, { now }), opened.rules, slice);
}

type Tagging = { apply: TagId[]; remove: TagId[]; until: number; next: Next; source: 'bulk' | 'api' };

/** A step: the next profiles by id. Profiles created after the start are left out. */
export async function tagNext(
  tx: Tx,
  operation: OperationRow,
  { apply, remove, until, next, source }: Tagging,
): Promise<StepResult> {
  const { sectionId, userId, apiKeyId } = operation;
  const slice: Slice = {
    beyond: (id) => sql`and ${id} > ${operation.cursor} and ${id} <= ${until}`,
    order: (id, most = STEP) => sql`order by ${id} limit ${most}`,
    most: STEP,
    look: 0,
  };
  await tx.query('drop table if exists bulk_batch');
  await rows(tx, sql`create temporary table bulk_batch on commit drop as ${next(slice)}`);
  const { last, found } = await one<{ last: ProfileId | null; found: number }>(
    tx,
    sql`select max(profile_id) as last, count(*) as found from bulk_batch`,
  );
  const changed = await changeTags(
    tx,
    { sectionId, source, userId, apiKeyId, operationId: operation.id },
    wantedFor(sql`select profile_id from bulk_batch`, { apply, remove }),
  );
  return {
    cursor: last ?? operation.cursor,
    progress: operation.progress + found,
    counts: addCounts(operation.counts, { applied: changed.applied, removed: changed.removed, profiles: found }),
    done: found < STEP,
  };
}
