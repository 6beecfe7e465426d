// What people do to tags themselves: create and hide. (Edit: update.ts. Tags on profiles: change.ts. Merge:
// operations/merge-tag.ts.)
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, TagIdSchema, type SectionId, type TagId, type UserId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { execute, maybeOne, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, nearNames, NameSchema } from '@/lib/naming/names';
import { TagColourSchema } from './colour';
import { groupOfTag, TagGroupSchema } from './group';
import type { NewTag } from './schema';
import { requestNote } from './untagged';
import { DescriptionSchema } from '@/lib/text/prose';

type TagState = { id: TagId; name: string; hiddenAt: Date | null; hiddenBy: string | null };

/** Locks a tag for a change. Refuses with `hidden`, saying who and when, if it has been hidden. */
export async function lockVisibleTag(tx: Tx, sectionId: SectionId, tagId: TagId): Promise<TagState> {
  const tag = await maybeOne<TagState>(
    tx,
    sql`
      select tag.id, tag.name, tag.hidden_at as "hiddenAt", app_user.name as "hiddenBy"
      from tag
      left join app_user on app_user.id = tag.hidden_by
      where tag.section_id = ${sectionId} and tag.id = ${tagId}
      for update of tag`,
  );
  if (!tag) refuse('not_found', 'This tag does not exist in this section.');
  if (tag.hiddenAt) {
    const who = tag.hiddenBy ? ` by ${tag.hiddenBy}` : '';
    refuse(
      'hidden',
      `“${tag.name}” was hidden${who} on ${tag.hiddenAt.toISOString().slice(0, 10)}. Hiding is for good.`,
    );
  }
  return tag;
}

/**
 * Refuses with `hidden` or `not_found` unless every tag is visible and of the section. Locks the tags until the
 * transaction ends, so that they stay visible; with `toRead` it does not lock.
 */
export async function requireVisibleTags(
  db: Db,
  sectionId: SectionId,
  tagIds: readonly TagId[],
  { toRead = false } = {},
): Promise<void> {
  const found = await rows<{ id: TagId; name: string; hidden: boolean }>(
    db,
    sql`select id, name, hidden_at is not null as hidden from tag
        where section_id = ${sectionId} and id = any(${tagIds}::int[])
        order by id
        ${toRead ? sql`` : sql`for key share`}`,
  );
  requireNoneHidden(found.filter((tag) => tag.hidden));
  if (found.length < new Set(tagIds).size) refuse('not_found', 'This tag does not exist in this section.');
}

function requireNoneHidden(hidden: readonly { name: string }[]): void {
  if (hidden.length === 0) return;
  refuse(
    'hidden',
    `${hidden.map(({ name }) => `“${name}”`).join(', ')} has been hidden and can no longer be used. Reload the page to see the tags that are left.`,
  );
}

/**
 * Resolves the tags that a long operation was started with: one merged since becomes the tag that it was merged into.
 * Locks them until the transaction ends. Refuses with `hidden` if one has been hidden since.
 */
export async function lockCurrentTags(
  tx: Tx,
  sectionId: SectionId,
  tagIds: readonly TagId[],
): Promise<(tagId: TagId) => TagId> {
  for (;;) {
    const found = await rows<{ requested: TagId; id: TagId; name: string; hidden: boolean; merged: boolean }>(
      tx,
      sql`
        with recursive chain as (
          select id as requested, id, merged_into from tag where section_id = ${sectionId} and id = any(${tagIds}::int[])
          union all
          select chain.requested, tag.id, tag.merged_into
          from chain join tag on tag.section_id = ${sectionId} and tag.id = chain.merged_into
        )
        select chain.requested, tag.id, tag.name, tag.hidden_at is not null as hidden, tag.merged_into is not null as merged
        from chain join tag on tag.section_id = ${sectionId} and tag.id = chain.id
        where chain.merged_into is null
        order by tag.id
        for key share of tag`,
    );
    // It was merged while this waited for the lock: follow one more step.
    if (found.some(({ merged }) => merged)) continue;
    requireNoneHidden(found.filter(({ hidden }) => hidden));
    const now = new Map(found.map(({ requested, id }) => [requested, id]));
    if (now.size < new Set(tagIds).size) refuse('not_found', 'This tag does not exist in this section.');
    return (tagId) => now.get(tagId) ?? tagId;
  }
}

/** Finds the visible tag of a section by its name's key. */
export const visibleTag = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.tag.findFirst({
    where: { sectionId, nameKey: key, hiddenAt: null },
    select: { id: true, name: true, colour: true },
  });

const visibleNames = (prisma: Models, sectionId: SectionId) =>
  prisma.tag.findMany({ where: { sectionId, hiddenAt: null }, select: { id: true, name: true, colour: true } });

/**
 * Refuses a name that a visible tag has (`name_taken`), and one that is close to others (`conflict`, `details.near`), except for
 * those that the person was shown.
 */
export async function requireNewName(
  prisma: Models,
  sectionId: SectionId,
  { name, despite }: { name: string; despite: readonly TagId[] | 'all' },
): Promise<void> {
  // Read before the check for the same name: a tag with that name, created in between, is a taken name and not a near one.
  const near = despite === 'all' ? [] : nearNames(name, await visibleNames(prisma, sectionId));
  await requireFreeName({ thing: 'a tag', name }, visibleTag(prisma, sectionId));
  if (despite !== 'all' && near.some(({ id }) => !despite.includes(id))) {
    const list = near.map((tag) => `“${tag.name}”`).join(', ');
    refuse('conflict', `Did you mean ${list}?`, { field: 'name', details: { near } });
  }
}

/**
 * Creates a tag. If existing names are close, it refuses a person with `conflict` and `details.near`, so that the page
 * can ask 'did you mean'. `despite`: the close tags that the person was shown and rejected; any other is asked about
 * again. API clients are not asked, since nobody would see the question.
 */
export const createTag = command({
  name: 'tags.create',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    name: NameSchema,
    colour: TagColourSchema.default(null),
    group: TagGroupSchema.default(''),
    description: DescriptionSchema.default(''),
    despite: z.array(TagIdSchema).max(100).default([]),
  }),
  run: async ({ tx, prisma, actor }, { sectionId, name, colour, group, description, despite }) => {
    await requireNewName(prisma, sectionId, { name, despite: actor.kind === 'user' ? despite : 'all' });
    const made = await prisma.tag.create({
      data: {
        sectionId,
        name,
        nameKey: nameKey(name),
        colour,
        groupName: group,
        description,
        discriminator: newDiscriminator('tags', name),
        createdBy: actorUserId(actor),
      },
      select: { id: true, name: true, discriminator: true },
    });
    const shown = await one<{ group: string }>(
      tx,
      sql`select ${groupOfTag} as "group" from tag where section_id = ${sectionId} and id = ${made.id}`,
    );
    return { ...made, colour, description, ...shown };
  },
  audit: ({ colour, group, description }, { id, name }) => ({
    summary: `Created the tag “${name}”`,
    subject: `tag:${id}`,
    details: { colour, group, description },
  }),
});

/** Creates tags with these names, unless they exist, for a command that was asked to. Returns the created ones. */
export async function createTagsNamed(
  tx: Tx,
  sectionId: SectionId,
  userId: UserId | null,
  wanted: readonly NewTag[],
): Promise<string[]> {
  if (wanted.length === 0) return [];
  const names = wanted.map(({ name }) => name);
  const made = await rows<{ name: string }>(
    tx,
    sql`
      insert into tag (section_id, discriminator, name, name_key, colour, created_by)
      select ${sectionId}::int, wanted.discriminator, wanted.name, wanted.name_key, wanted.colour, ${userId}::int
      from unnest(${names.map((name) => newDiscriminator('tags', name))}::text[], ${names}::text[],
                  ${names.map(nameKey)}::text[], ${wanted.map(({ colour }) => colour)}::text[])
        wanted (discriminator, name, name_key, colour)
      on conflict (section_id, name_key) where hidden_at is null do nothing
      returning name`,
  );
  return made.map(({ name }) => name);
}

/** The visible tags with these names. */
async function tagsNamed(tx: Tx, sectionId: SectionId, names: readonly string[]): Promise<TagId[]> {
  if (names.length === 0) return [];
  const found = await rows<{ id: TagId }>(
    tx,
    sql`
      select id from tag
      where section_id = ${sectionId} and hidden_at is null and name_key = any(${names.map(nameKey)}::text[])
      order by id`,
  );
  return found.map(({ id }) => id);
}

/**
 * The tags of a change whose new tags have been created: they are applied like the others, and never removed. If a tag
 * with that name already existed, it is used.
 */
export async function withNewTags(
  tx: Tx,
  sectionId: SectionId,
  { apply, remove }: { apply: readonly TagId[]; remove: readonly TagId[] },
  created: readonly NewTag[],
): Promise<{ apply: TagId[]; remove: TagId[] }> {
  const names = created.map(({ name }) => name);
  const ids = await tagsNamed(tx, sectionId, names);
  return { apply: [...new Set([...apply, ...ids])], remove: remove.filter((id) => !ids.includes(id)) };
}

/** Hides a tag permanently. Its applications stay in the database but are never shown or used again. */
export const hideTag = command({
  name: 'tags.hide',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, tagId: TagIdSchema }),
  run: async ({ tx, actor }, { sectionId, tagId }) => {
    const { name } = await lockVisibleTag(tx, sectionId, tagId);
    await retireTag(tx, sectionId, tagId, { userId: actorUserId(actor) });
    return { name };
  },
  audit: ({ tagId }, { name }) => ({ summary: `Hid the tag “${name}” for good`, subject: `tag:${tagId}` }),
});

/** Hides a tag that the transaction has locked. `mergedInto`: the tag that replaces it. */
export async function retireTag(
  tx: Tx,
  sectionId: SectionId,
  tagId: TagId,
  { userId, mergedInto = null }: { userId: UserId | null; mergedInto?: TagId | null },
): Promise<void> {
  await execute(
    tx,
    sql`update tag set hidden_at = ${new Date()}, hidden_by = ${userId}, merged_into = ${mergedInto}
        where section_id = ${sectionId} and id = ${tagId}`,
  );
  await requestNote(tx, sectionId);
}
