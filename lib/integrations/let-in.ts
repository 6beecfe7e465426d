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

/** People of one command. */
const MOST = 1_000;
/** People of a step of the operation for everyone. */
const STEP = 20_000;

const InTag = z.object({ sectionId: SectionIdSchema, tagId: TagIdSchema });
const people = (count: number) => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);

const nameOf = async (db: Db, sectionId: SectionId, tagId: TagId): Promise<string> =>
  (await tagLabels(db, sectionId, [tagId]))[0]?.name ?? '';

/** Lets some people in again. Returns the claims that can start again, with which `keepOff` takes it back. */
export const letIn = command({
  name: 'tags.let-in',
  scope: 'section',
  allow: 'everyone',
  input: InTag.extend({ profileIds: z.array(ProfileIdSchema).min(1, 'Choose at least one person.').max(MOST) }),
  run: async ({ tx }, { sectionId, tagId, profileIds }) => {
    await requireVisibleTags(tx, sectionId, [tagId]);
    const claims = await forgetRemovals(tx, sectionId, { tagId, profileIds });
    const count = new Set(claims.map(({ profileId }) => profileId)).size;
    if (count === 0) refuse('conflict', 'They are not kept off any more. Reload the page to see who is.');
    return { claims, people: count, tag: await nameOf(tx, sectionId, tagId) };
  },
  audit: ({ tagId, profileIds }, { people: count, tag }) => ({
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
      .max(10 * MOST),
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

/** Lets everyone in again who is kept off a tag, as an operation. It cannot be undone at once. */
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
