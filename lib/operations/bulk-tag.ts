// Tags on many profiles at once: previewed, in steps, undoable.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, TagIdSchema, type SectionId, type TagId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { changingPeople } from '@/lib/flows/through-segments';
import { countProfiles } from '@/lib/profiles/queries';
import { ProfileFilterSchema, type ProfileFilter } from '@/lib/profiles/schema';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTagsNamed, lockCurrentTags, requireVisibleTags, withNewTags } from '@/lib/tags/commands';
import { NewTagSchema } from '@/lib/tags/schema';
import { describeTagging } from '@/lib/tags/labels';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts, type OperationRow, type StepResult } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';
import {
  BulkInput,
  BulkSelectionSchema,
  chosenProfiles,
  fixSelection,
  FixedRulesSchema,
  listChosen,
  nextChosen,
  readBatch,
  startSelection,
  type BulkSelection,
  type Next,
} from './selection';

const STEP = 25_000;

/** Tags that one change can apply, and that it can remove. */
const TAGS_MAX = 50;
const TOO_MANY = `At most ${TAGS_MAX} tags can be changed at once. Choose fewer, and change the others afterwards.`;

/** The tags of a bulk change. */
export const TagsSchema = z.object({
  apply: z.array(TagIdSchema).max(TAGS_MAX, TOO_MANY).default([]),
  remove: z.array(TagIdSchema).max(TAGS_MAX, TOO_MANY).default([]),
});
/** The input of a bulk change, as stored in its row. `startsFlows`: people who get the tags enter the flows that listen for them. */
export const StepInput = TagsSchema.extend(BulkInput.shape).extend({ startsFlows: z.boolean().default(true) });
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
  const profiles = await chosenProfiles(db, sectionId, await fixSelection(db, sectionId, selection));
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
  input: TagsSchema.extend({
    sectionId: SectionIdSchema,
    selection: BulkSelectionSchema,
    /** Tags to apply that do not exist yet. If one exists by the time of the change, it is used. */
    create: z.array(NewTagSchema).max(TAGS_MAX, TOO_MANY).default([]),
    startsFlows: z.boolean().default(true),
  }),
  run: async ({ tx, actor }, { sectionId, selection: chosen, create, startsFlows, ...given }) => {
    if (given.apply.length + create.length > TAGS_MAX) refuse('invalid', TOO_MANY, { field: 'apply' });
    const created = await createTagsNamed(tx, sectionId, actorUserId(actor), create);
    const tags = await withNewTags(tx, sectionId, given, create);
    const tagIds = [...tags.apply, ...tags.remove];
    if (tagIds.length === 0) refuse('invalid', 'Choose at least one tag.', { field: 'apply' });
    await requireVisibleTags(tx, sectionId, tagIds);
    const { selection, total, until } = await startSelection(tx, sectionId, chosen);
    const summary = await describeTagging(tx, sectionId, tags, total);
    const operationId = await startOperation(tx, bulkTagKind, {
      sectionId,
      summary,
      input: { ...tags, selection, until, listed: true, startsFlows },
      total,
      userId: actorUserId(actor),
    });
    await listChosen(tx, sectionId, operationId);
    return { operationId, summary, total, ...tags, created };
  },
  audit: (_input, { operationId, summary, apply, remove, created }) => ({
    summary,
    subject: `operation:${operationId}`,
    details: { apply, remove, ...(created.length > 0 && { created }) },
  }),
});

const bulkTagStep: OperationStep<z.output<typeof StepInput>> = async (tx, operation) => {
  const { selection, apply, remove, until, listed, startsFlows } = operation.input;
  const now = await lockCurrentTags(tx, operation.sectionId, [...apply, ...remove]);
  const next = await nextChosen(tx, operation.sectionId, selection);
  return tagNext(tx, operation, {
    apply: apply.map(now),
    remove: remove.map(now),
    until,
    listed,
    next,
    source: 'bulk',
    startsFlows,
  });
};

type Tagging = {
  apply: TagId[];
  remove: TagId[];
  until: number;
  listed: boolean;
  next: Next;
  source: 'bulk' | 'api';
  startsFlows: boolean;
};

/** A step: the next profiles by id. Profiles created after the start are left out. */
export async function tagNext(
  tx: Tx,
  operation: OperationRow,
  { apply, remove, until, listed, next, source, startsFlows }: Tagging,
): Promise<StepResult> {
  const { sectionId, userId, apiKeyId } = operation;
  const { last, found } = await readBatch(tx, next, { operation, until, listed, limit: STEP });
  const cause = { sectionId, source, userId, apiKeyId, operationId: operation.id, startsFlows };
  const batch = sql`select profile_id from bulk_batch`;
  const changed = await changingPeople(tx, cause, batch, () =>
    changeTags(tx, cause, wantedFor(batch, { apply, remove })),
  );
  return {
    cursor: last ?? operation.cursor,
    progress: operation.progress + found,
    counts: addCounts(operation.counts, { applied: changed.applied, removed: changed.removed, profiles: found }),
    done: found < STEP,
  };
}
