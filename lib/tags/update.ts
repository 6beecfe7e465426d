// Edits a tag. Two Admins who edit it at the same time do not unknowingly overwrite each other.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, TagIdSchema, type SectionId, type TagId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { TagColourSchema } from './colour';
import { lockVisibleTag, visibleTag } from './commands';
import { TagGroupSchema } from './group';
import { DescriptionSchema } from '@/lib/text/prose';
import { PermissionSchema } from './schema';

/** The editable fields of a tag, besides its Allowed Operations. `group`: as chosen. */
const TagFieldsSchema = z.object({
  name: NameSchema,
  description: DescriptionSchema,
  ownerNote: DescriptionSchema,
  colour: TagColourSchema,
  group: TagGroupSchema,
});
export type TagFields = z.output<typeof TagFieldsSchema>;

const WORDS = {
  name: 'name',
  description: 'description',
  ownerNote: 'owner note',
  colour: 'colour',
  group: 'group',
} as const satisfies Record<keyof TagFields, string>;
const FIELDS = Object.keys(WORDS) as (keyof TagFields)[];

/**
 * Renames, describes, colours, groups and limits a tag. `seen`: the fields as the form showed them. A field that the
 * person did not change keeps somebody else's change. If both changed a field, refuses with `conflict` and
 * `details.now`, the current fields.
 */
export const updateTag = command({
  name: 'tags.update',
  scope: 'section',
  allow: 'admins',
  input: TagFieldsSchema.partial({ colour: true, group: true }).extend({
    sectionId: SectionIdSchema,
    tagId: TagIdSchema,
    seen: TagFieldsSchema.optional(),
    permissions: z.array(PermissionSchema).max(100).default([]),
  }),
  run: async ({ tx, prisma, accountId }, { sectionId, tagId, seen, permissions, ...wanted }) => {
    await lockVisibleTag(tx, sectionId, tagId);
    const now = await one<TagFields>(
      tx,
      sql`select name, description, owner_note as "ownerNote", colour, group_name as "group"
          from tag where section_id = ${sectionId} and id = ${tagId}`,
    );
    const mine = (field: keyof TagFields) => wanted[field] !== undefined && wanted[field] !== (seen ?? now)[field];
    const changed = FIELDS.filter((field) => mine(field) && wanted[field] !== now[field]);
    // `seen` has been parsed, which removes what older texts may contain: so is what it is compared with.
    const stored = TagFieldsSchema.safeParse(now).data ?? now;
    const both = changed.filter((field) => stored[field] !== (seen ?? stored)[field]);
    if (both.length > 0) {
      refuse(
        'conflict',
        `Someone else changed the ${both.map((field) => WORDS[field]).join(' and the ')} of this tag while you were editing. What you entered is still here: compare it with theirs, then save again.`,
        { field: both[0], details: { now, both } },
      );
    }
    const { group: groupName, ...next } = {
      ...now,
      ...Object.fromEntries(changed.map((field) => [field, wanted[field]])),
    };
    await requireFreeName({ thing: 'a tag', name: next.name, except: tagId }, visibleTag(prisma, sectionId));
    await prisma.tag.update({
      where: { sectionId_id: { sectionId, id: tagId } },
      data: { ...next, nameKey: nameKey(next.name), groupName },
    });
    const column = (key: 'keyspaceId' | 'canRead' | 'canWrite') => permissions.map((permission) => permission[key]);
    await execute(
      tx,
      sql`
        insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
        select ${sectionId}::int, ${tagId}::int, keyspace.id, wanted.can_read, wanted.can_write
        from unnest(${column('keyspaceId')}::int[], ${column('canRead')}::boolean[], ${column('canWrite')}::boolean[])
          wanted (keyspace_id, can_read, can_write)
        join keyspace on keyspace.id = wanted.keyspace_id and keyspace.account_id = ${accountId}
        on conflict (section_id, tag_id, keyspace_id) do update
        set can_read = excluded.can_read, can_write = excluded.can_write`,
    );
    return {
      before: now.name,
      name: next.name,
      changed: Object.fromEntries(changed.map((field) => [field, { from: now[field], to: wanted[field] ?? null }])),
    };
  },
  audit: ({ tagId, permissions }, { before, name, changed }) => {
    const parts = [
      ...FIELDS.filter((field) => field !== 'name' && changed[field]).map((field) => WORDS[field]),
      ...(permissions.length > 0 ? ['Allowed Operations'] : []),
    ];
    const also = parts.length > 0 ? `: ${parts.join(', ')}` : '';
    if (changed.name === undefined && parts.length === 0) return null;
    return {
      summary: changed.name
        ? `Renamed the tag “${before}” to “${name}”${also && `, and edited it${also}`}`
        : `Edited the tag “${name}”${also}`,
      subject: `tag:${tagId}`,
      details: { changed, permissions },
    };
  },
});

/**
 * Gives a tag another name, for a command of another subject. Refuses with `hidden`, or with `name_taken` and
 * `details.taken`. Returns the old name.
 */
export async function renameTag(
  { tx, prisma }: { tx: Tx; prisma: Models },
  { sectionId, tagId, name }: { sectionId: SectionId; tagId: TagId; name: string },
): Promise<string> {
  const before = await lockVisibleTag(tx, sectionId, tagId);
  await requireFreeName({ thing: 'a tag', name, except: tagId }, visibleTag(prisma, sectionId));
  await prisma.tag.update({
    where: { sectionId_id: { sectionId, id: tagId } },
    data: { name, nameKey: nameKey(name) },
  });
  return before.name;
}
