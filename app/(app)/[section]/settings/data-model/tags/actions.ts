'use server';
import { runAction } from '@/app/run-action';
import { requireSection } from '@/app/viewer';
import { requireAllowed } from '@/lib/access/policy';
import { usesOfTag } from '@/lib/accounts/tag-use';
import { TagIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { mergeTags } from '@/lib/operations/merge-tag';
import { segmentsInMerge } from '@/lib/segments/tag-merge';
import { createTag, hideTag, updateTag } from '@/lib/tags/commands';
import { countHolders, getTag, mergePreview, tagPermissions } from '@/lib/tags/queries';
import { dependents } from '@/lib/used-in/queries';

export async function createTagAction(input: unknown, requestId: string) {
  return runAction(createTag, input, requestId);
}

export async function updateTagAction(input: unknown, requestId: string) {
  return runAction(updateTag, input, requestId);
}

export async function hideTagAction(input: unknown, requestId: string) {
  return runAction(hideTag, input, requestId);
}

export async function mergeTagsAction(input: unknown, requestId: string) {
  return runAction(mergeTags, input, requestId);
}

/** What the edit dialog needs beside the row; null where the tag is not there. */
export async function readTagDetails(slug: string, tagId: unknown) {
  const { actor, section } = await requireSection(slug);
  requireAllowed(actor, 'admins');
  const id = TagIdSchema.parse(tagId);
  const [tag, permissions, uses] = await Promise.all([
    getTag(pool(), section.id, id),
    tagPermissions(pool(), actor.accountId, section.id, id),
    usesOfTag(pool(), section.id, id),
  ]);
  return tag ? { ownerNote: tag.ownerNote, discriminator: tag.discriminator, permissions, uses } : null;
}

/** What the hide dialog shows first. */
export async function readHideImpact(slug: string, tagId: unknown) {
  const { actor, section } = await requireSection(slug);
  requireAllowed(actor, 'admins');
  const id = TagIdSchema.parse(tagId);
  const [profiles, users] = await Promise.all([
    countHolders(pool(), section.id, id),
    dependents(pool(), section.id, 'tag', id),
  ]);
  return { profiles, users };
}

/** What the merge dialog shows first. */
export async function readMergePreview(slug: string, fromId: unknown, intoId: unknown) {
  const { actor, section } = await requireSection(slug);
  requireAllowed(actor, 'admins');
  const from = TagIdSchema.parse(fromId);
  const [preview, segments] = await Promise.all([
    mergePreview(pool(), section.id, from, TagIdSchema.parse(intoId)),
    segmentsInMerge(pool(), section.id, from),
  ]);
  return { ...preview, segments };
}
