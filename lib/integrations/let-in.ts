// Lets people in again from whom somebody removed a list's tag: the next sync tags those who are still on the list.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { ClaimHolderIdSchema, ProfileIdSchema, SectionIdSchema, TagIdSchema } from '@/lib/db/ids';
import { tagLabels } from '@/lib/tags/labels';
import type { SectionId, TagId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { requireVisibleTags } from '@/lib/tags/commands';
import { forgetRemovals, suppressAgain } from '@/lib/tags/kept-off';
import { operationKind } from '@/lib/work/kind';
import { addCounts } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';
import { countKeptOff, nextKeptOff } from './kept-off';
import { LET_IN_AT_ONCE } from './schema';

/** People of a step of the operation for everyone. */
const STEP = 20_000;

const InTag = z.object({ sectionId: SectionIdSchema, tagId: TagIdSchema });
const people = (count: number) => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);

const nameOf = async (db: Db, sectionId: SectionId, tagId: TagId): Promise<string> =>
  (await tagLabels(db, sectionId, [tagId]))[0]?.name ?? '';

/**
 * Lets people in again; `profileIds`: null for everyone who is kept off. Returns the claims that can start again, with which `keepOff` takes
 * it back.
 */
export const letIn = command({
  name: 'tags.let-in',
  scope: 'section',
  allow: 'everyone',
  input: InTag.extend({
    profileIds: z.array(ProfileIdSchema).min(1, 'Choose at least one person.').max(LET_IN_AT_ONCE).nullable(),
  }),
  run: async ({ tx }, { sectionId, tagId, profileIds: chosen }) => {
    await requireVisibleTags(tx, sectionId, [tagId]);
    const profileIds = chosen ?? (await nextKeptOff(tx, sectionId, tagId, { after: 0, limit: LET_IN_AT_ONCE + 1 }));
    if (profileIds.length > LET_IN_AT_ONCE) refuse('conflict', 'More people are kept off now. Reload the page.');
    const claims = await forgetRemovals(tx, sectionId, { tagId, profileIds });
    const count = new Set(claims.map(({ profileId }) => profileId)).size;
    if (count === 0) refuse('conflict', 'They are not kept off any more. Reload the page to see who is.');
    return { claims, people: count, profileIds, tag: await nameOf(tx, sectionId, tagId) };
  },
  audit: ({ tagId }, { people: count, tag, profileIds }) => ({
    summary: `Let ${people(count)} in again for the tag “${tag}”`,
    subject: `tag:${tagId}`,
    details: { profileIds },
  }),
});

/** Takes `letIn` back. Those whom a sync has tagged in between keep the tag: `left` says how many. */
export const keepOff = command({
  name: 'tags.keep-off',
  scope: 'section',
  allow: 'everyone',
  input: InTag.extend({
    claims: z
      .array(z.object({ profileId: ProfileIdSchema, holderId: ClaimHolderIdSchema }))
      .min(1)
      .max(10 * LET_IN_AT_ONCE),
  }),
  run: async ({ tx }, { sectionId, tagId, claims }) => {
    await requireVisibleTags(tx, sectionId, [tagId]);
    const keptOff = await suppressAgain(tx, sectionId, { tagId, claims });
    return { left: claims.length - keptOff, tag: await nameOf(tx, sectionId, tagId) };
  },
  audit: ({ tagId, claims }, { tag }) => ({
    summary: `Kept ${people(new Set(claims.map(({ profileId }) => profileId)).size)} off the tag “${tag}” again`,
    subject: `tag:${tagId}`,
  }),
});

export const letInKind = operationKind({
  kind: 'let_in',
  input: z.object({ tagId: TagIdSchema }),
  undoable: false,
  cancellable: true,
  retryable: true,
  listed: true,
  words: {
    name: 'People let in again',
    counts: [['people', 'people let in again: the next sync tags those who are still on the list']],
    none: 'Nobody is kept off any more.',
  },
  step: async (tx, { sectionId, input: { tagId }, cursor, progress, counts }) => {
    const profileIds = await nextKeptOff(tx, sectionId, tagId, { after: cursor, limit: STEP });
    await forgetRemovals(tx, sectionId, { tagId, profileIds });
    return {
      cursor: profileIds.at(-1) ?? cursor,
      progress: progress + profileIds.length,
      counts: addCounts(counts, { people: profileIds.length }),
      done: profileIds.length < STEP,
    };
  },
});

/** Lets everyone in again who is kept off a tag, however many, as an operation. It cannot be undone. */
export const letAllIn = command({
  name: 'tags.let-all-in',
  scope: 'section',
  allow: 'everyone',
  input: InTag,
  run: async ({ tx, actor }, { sectionId, tagId }) => {
    await requireVisibleTags(tx, sectionId, [tagId]);
    const total = await countKeptOff(tx, sectionId, tagId);
    if (total === 0) refuse('conflict', 'Nobody is kept off this tag any more.');
    const summary = `Let ${people(total)} in again for the tag “${await nameOf(tx, sectionId, tagId)}”`;
    const userId = actorUserId(actor);
    const operationId = await startOperation(tx, letInKind, { sectionId, summary, input: { tagId }, total, userId });
    return { operationId, summary };
  },
  audit: ({ tagId }, { summary }) => ({ summary, subject: `tag:${tagId}` }),
});
