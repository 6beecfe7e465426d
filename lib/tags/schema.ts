// Shapes of tags as pages show them.
import { z } from 'zod';
import { KeyspaceIdSchema, type KeyspaceId, type TagId } from '@/lib/db/ids';
import { NameSchema } from '@/lib/naming/names';
import { TagColourSchema, type TagColour } from './colour';
import type { Source } from './source';

/** A tag as shown in a chip. */
export type TagLabel = { id: TagId; name: string; colour: TagColour | null };

/** A tag in a picker. `group`: see `groupOfTag`. `favourite`: of the person who reads. */
export type TagOption = TagLabel & { description: string; group: string; favourite: boolean; profiles: number };

/** What a picker offers while nothing is typed. `total`: how many visible tags the section has. */
export type TagChoices = { tags: TagOption[]; total: number };

/** A row of the tags table, with only what it shows, since there may be thousands. Times are ISO 8601. */
export type TagRow = TagLabel & {
  description: string;
  /** See `groupOfTag`. */
  group: string;
  /** The first line of the owner note, up to 120 characters. */
  owner: string;
  /** Whether it is a favourite of the person who reads. */
  favourite: boolean;
  profiles: number;
  lastApplied: string | null;
  hidden: { at: string; by: string | null; mergedInto: string | null } | null;
};

/** Everything about one tag. */
export type TagDetails = TagRow & {
  discriminator: string;
  groupName: string;
  ownerNote: string;
  createdAt: string;
  createdBy: string | null;
};

/** A tag's recent growth. `days`: applications minus removals on each of the last 30 days. */
export type TagTrend = { tagId: TagId; days: number[] };

/** Allowed Operations of a tag in one keyspace. */
export type Permission = { keyspaceId: KeyspaceId; keyspace: string; canRead: boolean; canWrite: boolean };

export const PermissionSchema = z.object({ keyspaceId: KeyspaceIdSchema, canRead: z.boolean(), canWrite: z.boolean() });

/** Applications and removals on a day, by source; tags restored by an undo are not new. `day`: 'YYYY-MM-DD' in UTC. */
export type GrowthPoint = { day: string; source: Source; applied: number; removed: number };

/** A tag that is created together with its first use. */
export const NewTagSchema = z.object({ name: NameSchema, colour: TagColourSchema.default(null) });
export type NewTag = z.output<typeof NewTagSchema>;
