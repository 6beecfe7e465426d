// Shapes of profiles, for pages and filters.
import { z } from 'zod';
import { ComparisonSchema } from '@/lib/attributes/comparison';
import type { AttributeValues } from '@/lib/attributes/schema';
import {
  OperationIdSchema,
  ProfileIdSchema,
  TagIdSchema,
  type KeyspaceId,
  type OperationId,
  type ProfileId,
} from '@/lib/db/ids';
import type { HoldingList } from '@/lib/tags/held-by';
import type { TagLabel } from '@/lib/tags/schema';
import type { Source } from '@/lib/tags/source';
import { canonicalText, COMPOSED_MAX } from '@/lib/text/canonical';
import { isEntered, type EnteredKind, type KeyspaceKind } from './keys';

export type Keyspace = { id: KeyspaceId; kind: KeyspaceKind; name: string; discriminator: string };
/** A keyspace whose keys are typed or imported. */
export type EnteredKeyspace = Keyspace & { kind: EnteredKind };

/** Which of the keyspaces have keys that are typed or imported. */
export const enteredKeyspaces = (keyspaces: readonly Keyspace[]): EnteredKeyspace[] =>
  keyspaces.filter((keyspace): keyspace is EnteredKeyspace => isEntered(keyspace.kind));
export type ProfileKey = { keyspaceId: KeyspaceId; key: string };

/** What an operation did to a profile. */
export const OPERATION_EFFECTS = ['created', 'updated', 'saved', 'tagged', 'untagged'] as const;
export type OperationEffect = (typeof OPERATION_EFFECTS)[number];

/** Conditions from before they had types: work that was started then still uses them. */
const FormerCondition = z.object({ code: z.string(), operator: z.string(), value: z.string().default('') });

/** A comparison with the value of an attribute, by the attribute's code. */
const AttributeFilterSchema = z.preprocess(
  (given) => {
    const former = FormerCondition.safeParse(given).data;
    return former ? { code: former.code, compare: { test: former.operator, text: former.value } } : given;
  },
  z.object({ code: z.string().max(40), compare: ComparisonSchema }),
);
export type AttributeFilter = z.output<typeof AttributeFilterSchema>;

const Tags = z.array(TagIdSchema).max(20).default([]);

/** What the profiles page can filter by. All conditions must be true. */
export const ProfileFilterSchema = z.object({
  search: z.string().max(COMPOSED_MAX, { abort: true }).overwrite(canonicalText).trim().max(200).default(''),
  /** All of these tags. */
  has: Tags,
  /** At least one of these; empty: no condition. */
  hasAny: Tags,
  /** None of these. */
  hasNot: Tags,
  /** No tag at all. Hidden tags do not count. */
  untagged: z.boolean().default(false),
  conditions: z.array(AttributeFilterSchema).max(10).default([]),
  /** Only profiles to which an operation did this; `saved`: created or updated. */
  changedBy: z
    .object({ operationId: OperationIdSchema, effect: z.enum(OPERATION_EFFECTS) })
    .nullable()
    .default(null),
});
export type ProfileFilter = z.output<typeof ProfileFilterSchema>;

/** Chosen profiles: some ids, or all that match a filter. */
export const SelectionSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ids'),
    ids: z
      .array(ProfileIdSchema)
      .min(1, 'Select at least one profile.')
      .max(10_000, 'Select at most 10,000 profiles one by one. For more, use a filter and select all that match.'),
  }),
  /** `now`: the time from which 'the last 30 days' counts back, for long operations. */
  z.object({ kind: z.literal('all'), filter: ProfileFilterSchema, now: z.coerce.date().optional() }),
]);
export type Selection = z.output<typeof SelectionSchema>;

export type ProfileRow = {
  id: ProfileId;
  name: string;
  attributes: AttributeValues;
  keys: ProfileKey[];
  tags: TagLabel[];
  createdAt: Date;
  updatedAt: Date;
};

/** A tag on a profile, with the ledger entry that applied it. For a tag that an undo restored, the original entry. */
export type HeldTag = TagLabel & {
  /** See `groupOfTag`. */
  group: string;
  description: string;
  since: Date | null;
  source: Source | null;
  by: string | null;
  /** The name of its origin, such as an import's file or an API key. */
  through: string | null;
  operationId: OperationId | null;
  /** The integration lists that hold it now. */
  lists: HoldingList[];
  /** Where else it was set, if lists hold it. */
  alsoSet: Source | null;
};

export type ProfileDetails = {
  id: ProfileId;
  name: string;
  attributes: AttributeValues;
  keys: ProfileKey[];
  tags: HeldTag[];
  createdAt: Date;
  updatedAt: Date;
};

/** A name for a person: first and last name, otherwise a key, otherwise the id. */
export function profileName(id: ProfileId, attributes: AttributeValues, keys: readonly ProfileKey[]): string {
  const name = [attributes.firstname, attributes.lastname].filter(Boolean).join(' ').trim();
  return name || keys[0]?.key || `Profile ${id}`;
}
