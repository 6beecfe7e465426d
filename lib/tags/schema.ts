// Shapes of tags as pages show them.
import { z } from 'zod';
import { KeyspaceIdSchema, type KeyspaceId, type TagId } from '@/lib/db/ids';

/** A tag in a picker. */
export type TagOption = { id: TagId; name: string; description: string; profiles: number };

/** A row of Settings → Data Model → Tags. `days`: tags applied less removed on each of the last 30 days. */
export type TagRow = {
  id: TagId;
  name: string;
  discriminator: string;
  description: string;
  ownerNote: string;
  profiles: number;
  lastApplied: Date | null;
  createdAt: Date;
  createdBy: string | null;
  hiddenAt: Date | null;
  hiddenBy: string | null;
  mergedInto: string | null;
  days: number[];
};

/** Allowed Operations of a tag in one keyspace. */
export type Permission = { keyspaceId: KeyspaceId; keyspace: string; canRead: boolean; canWrite: boolean };

export const PermissionSchema = z.object({ keyspaceId: KeyspaceIdSchema, canRead: z.boolean(), canWrite: z.boolean() });

/** Applied and removed on a day, by source. `day`: 'YYYY-MM-DD' in UTC. */
export type GrowthPoint = { day: string; source: string; applied: number; removed: number };
