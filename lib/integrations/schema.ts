// Shapes of connections and their lists. Imports no server code, so that the browser can use it.
import { z } from 'zod';
import {
  ConnectionIdSchema,
  ConnectionListIdSchema,
  SectionIdSchema,
  SyncRunIdSchema,
  type ConnectionId,
  type OperationId,
  type SyncRunId,
} from '@/lib/db/ids';
import { HoursSchema } from '@/lib/text/hours';

/** How a contact finds its profile. The CRM's own id comes before all of these. `custom`: by a field that an Admin has chosen. */
export const MATCH_RULES = ['email', 'mobile', 'crm_id', 'custom'] as const;
export type MatchRule = (typeof MATCH_RULES)[number];

const WHOLE = 'Enter a whole number.';

/** A limit from 1, with messages for the form. */
const limit = (most: number) =>
  z
    .int(WHOLE)
    .min(1, 'Enter 1 or more.')
    .max(most, `Enter ${most.toLocaleString('en-GB')} or less.`);

/** When removals wait for an answer. Members are those of one list, except for `inAll`. */
export const GuardSchema = z.object({
  /** Percent of the members: held if at least `atLeast` members are removed too. */
  share: limit(100).default(20),
  atLeast: limit(1_000_000).default(50),
  /** Removals from all lists of a run together. */
  inAll: limit(10_000_000).default(500),
  /** A list with at least this many members, none of whom is on it now. */
  emptied: limit(1_000_000).default(10),
});
export type Guard = z.output<typeof GuardSchema>;

const FieldMappingSchema = z.object({
  /** The CRM's name of the field. */
  field: z.string().min(1).max(200),
  /** The attribute's code. */
  code: z.string().min(1, 'Choose an attribute for each field.').max(40),
  existing: z.enum(['fill', 'overwrite']).default('fill'),
});
export type FieldMapping = z.output<typeof FieldMappingSchema>;

const CustomMatchSchema = z.object({
  /** The CRM's name of the field. */
  field: z.string().min(1, 'Choose a field of the CRM.').max(200),
  /** The code of the attribute that it is compared with. Of one that follows a key: the key. */
  code: z.string().min(1, 'Choose what the field is compared with.').max(40),
});
export type CustomMatch = z.output<typeof CustomMatchSchema>;

/** What an Admin chooses for a connection, besides where it leads. */
export const ConnectionOptionsSchema = z
  .object({
    match: z.array(z.enum(MATCH_RULES)).min(1, 'Choose at least one.').max(MATCH_RULES.length).default(['email']),
    /** For the rule of this name. */
    custom: CustomMatchSchema.nullable().default(null),
    /** Contacts that match nobody. */
    unmatched: z.enum(['leave', 'create']).default('leave'),
    /** The country of phone numbers without a country code, as ISO 3166: 'SE'. */
    country: z.string().length(2).nullable().default(null),
    fields: z.array(FieldMappingSchema).max(100).default([]),
    guard: GuardSchema.prefault({}),
    /** Minutes between two syncs; null: only by hand. */
    everyMinutes: z.number().int().min(15).max(44_640).nullable().default(1_440),
    /** Minutes between two reads of the contacts that have changed, where the CRM can tell; null: never. */
    changesEveryMinutes: z.number().int().min(15).max(1_440).nullable().default(null),
    /** Syncs start only at these hours. */
    hours: HoursSchema.nullable().default(null),
    /** The least time between the starts of two syncs that announced changes cause, in minutes. */
    wakeMinutes: z.number().int().min(1).max(1_440).default(5),
    /** What happens to a list that was renamed in the CRM: its tag is kept on, or it stops. */
    renamed: z.enum(['follow', 'stop']).default('follow'),
  })
  .refine(({ match, custom }) => custom !== null || !match.includes('custom'), {
    path: ['custom', 'field'],
    error: 'Choose a field of the CRM.',
  })
  .refine(
    ({ match, custom, fields }) =>
      !match.includes('custom') ||
      !fields.some(({ code, existing }) => code === custom?.code && existing === 'overwrite'),
    {
      path: ['custom', 'code'],
      // A contact would be taken for whoever had its value before the sync.
      error:
        'People cannot be found by an attribute that the CRM overwrites. Let it fill empty values only, or choose another.',
    },
  );
export type ConnectionOptions = z.output<typeof ConnectionOptionsSchema>;

export const InConnection = z.object({ sectionId: SectionIdSchema, connectionId: ConnectionIdSchema });
export const InRun = z.object({ sectionId: SectionIdSchema, runId: SyncRunIdSchema });
export const InList = z.object({ sectionId: SectionIdSchema, listId: ConnectionListIdSchema });

export const CONNECTION_STATUSES = ['active', 'paused', 'waiting', 'removed'] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

export const LIST_STATUSES = ['active', 'paused', 'inactive', 'missing', 'gone', 'left'] as const;
export type ListStatus = (typeof LIST_STATUSES)[number];

export const SYNC_STATUSES = [
  'reading',
  'comparing',
  'planned',
  'applying',
  'held',
  'done',
  'failed',
  'cancelled',
  'superseded',
] as const;
export type SyncStatus = (typeof SYNC_STATUSES)[number];

export const SYNC_LIST_STATUSES = ['waiting', 'read', 'frozen', 'failed', 'held', 'done'] as const;
export type SyncListStatus = (typeof SYNC_LIST_STATUSES)[number];

/**
 * Why removals wait. `emptied`: nobody who has the tag through the list is on it now; `share`: too many of its members; `definition`: its filter or query was
 * changed; `identity`: another user reads the CRM; `total`: too many in all lists of the run together.
 */
export const HOLDS = ['emptied', 'share', 'definition', 'identity', 'total'] as const;
export type HoldKind = (typeof HOLDS)[number];

/**
 * Which runs of a connection to list. `folded`: all, with those that changed nothing as a number; `held`: removals waited for an answer;
 * `changed`: some tag or profile changed.
 */
export const RUN_FILTERS = ['folded', 'all', 'failed', 'held', 'changed'] as const;
export type RunFilter = (typeof RUN_FILTERS)[number];

/**
 * A connection that needs a person. `waiting`: the CRM does not let us in, or nobody has decided how to go on; `held`: removals wait
 * for an answer; `failing`: syncs fail again and again; `untagged`: the tag of a list was hidden. `reason`: for a person. `failures`: since the last sync that worked.
 * `since`: ISO 8601. `runId`: the sync to look at.
 */
export type Trouble = {
  connectionId: ConnectionId;
  name: string;
  kind: 'waiting' | 'held' | 'failing' | 'untagged' | 'gone';
  reason: string;
  failures: number;
  since: string;
  runId: SyncRunId | null;
  operationId: OperationId | null;
};

/** Why a list needs a dry run again: what has changed since it was synced. `user`: another user reads the CRM. */
export const DRY_RUN_REASONS = ['matching', 'settings', 'list', 'tag', 'user'] as const;
export type DryRunReason = (typeof DRY_RUN_REASONS)[number];

/** So long somebody waits for a CRM that is tested, at most. Seconds. */
export const ASK_SECONDS = 20;

/** So many people are let in again at once, which can be taken back at once. More are let in by an operation. */
export const LET_IN_AT_ONCE = 1_000;

/**
 * Which lists of a connection to show. `kept`: followed by each sync; `fresh`: they wait for a dry run; `attention`: the CRM no longer has
 * them or calls them otherwise, their tag was hidden, or their removals wait for an answer.
 */
export const LIST_FILTERS = ['all', 'attention', 'fresh', 'kept', 'paused'] as const;
export type ListFilter = (typeof LIST_FILTERS)[number];

/** Which lists of a run to show. `asks`: their removals wait for an answer; `problems`: they failed, or were left as they are. */
export const RUN_LIST_FILTERS = ['all', 'asks', 'changes', 'problems'] as const;
export type RunListFilter = (typeof RUN_LIST_FILTERS)[number];

/** The counts of a list in a run; of a run, their sums. Contacts, unless it says profiles. */
export const ListCountsSchema = z.object({
  /** Contacts read. */
  seen: z.number().default(0),
  /** While it is read: the number of members according to the CRM; 0 if it does not say. */
  declared: z.number().default(0),
  /** Deleted in the CRM while it was read. */
  skipped: z.number().default(0),
  matched: z.number().default(0),
  /** Their profiles: fewer, if several contacts lead to one. */
  people: z.number().default(0),
  /** Nobody has their addresses: left, or to be created. */
  unmatched: z.number().default(0),
  create: z.number().default(0),
  /** The profiles that are created for them, who get the tag: contacts of one address are one person. */
  newPeople: z.number().default(0),
  /** Of a run: the same, of all its lists together, in which each person counts once. */
  newProfiles: z.number().default(0),
  noAddress: z.number().default(0),
  ambiguous: z.number().default(0),
  inactive: z.number().default(0),
  erased: z.number().default(0),
  /** Profiles that the list claimed before. */
  had: z.number().default(0),
  /** Profiles that get the tag, or lose it. */
  adds: z.number().default(0),
  removes: z.number().default(0),
  /** Profiles that came to the list or left it, and have the tag from elsewhere too. */
  joins: z.number().default(0),
  leaves: z.number().default(0),
  /** Profiles from which somebody has removed the tag by hand. */
  keptOff: z.number().default(0),
  /** Changes that Allowed Operations do not permit. */
  refused: z.number().default(0),
});
export type ListCounts = z.output<typeof ListCountsSchema>;
