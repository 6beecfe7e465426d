// Shapes of an import: what each column becomes, what the run counts, what pages show.
import { z } from 'zod';
import {
  ImportIdSchema,
  KeyspaceIdSchema,
  SectionIdSchema,
  TagIdSchema,
  TopicIdSchema,
  type ImportId,
  type OperationId,
  type TagId,
} from '@/lib/db/ids';
import type { FlowEntries } from '@/lib/flows/entries';
import { DATE_ORDERS, SHORT_YEARS } from '@/lib/attributes/dates';
import type { AttributeValue } from '@/lib/attributes/schema';
import type { OperationState } from '@/lib/work/queries';
import type { OperationStatus } from '@/lib/work/schema';
import { ChannelSchema, EvidenceSchema, WordingSchema } from '@/lib/consents/schema';
import { NameSchema } from '@/lib/naming/names';
import { NewTagSchema, type TagLabel } from '@/lib/tags/schema';
import { DELIMITERS, ENCODINGS, QUOTES, START_LINE_MAX, type FileFormat } from './format';

/** The notation of dates and numbers that a person chose for a column. */
export const NotationChoiceSchema = z.object({
  dates: z.enum(DATE_ORDERS).optional(),
  decimal: z.enum(['.', ',']).optional(),
  shortYears: z.enum(SHORT_YEARS).optional(),
});
export type NotationChoice = z.output<typeof NotationChoiceSchema>;

/** What a column becomes. */
export const ColumnTargetSchema = z.discriminatedUnion('to', [
  z.object({ to: z.literal('nothing') }),
  /** `code`: an attribute that is set as well. */
  z.object({ to: z.literal('key'), keyspaceId: KeyspaceIdSchema, code: z.string().max(40).optional() }),
  z.object({ to: z.literal('attribute'), code: z.string().max(40), ...NotationChoiceSchema.shape }),
  /** Each cell names tags: `VIP|Partner`. */
  z.object({ to: z.literal('tags'), action: z.enum(['apply', 'remove']) }),
  /** Each cell says yes or no to one tag; empty says nothing. */
  z.object({ to: z.literal('tag'), tagId: TagIdSchema }),
]);
export type ColumnTarget = z.output<typeof ColumnTargetSchema>;

/** Prefix of a yes-or-no column's tag among the names of a staged row: no tag name contains this character. */
export const tagMark = (tagId: TagId) => `\u001f${tagId}`;

/** Whether rows have tags of their own, besides those for all. */
export function hasOwnTags({ columns }: { columns: readonly ColumnTarget[] }): boolean {
  return columns.some(({ to }) => to === 'tags' || to === 'tag');
}

/** What to do with a name in a tag column that no visible tag has. */
const NameDecisionSchema = z.discriminatedUnion('to', [
  z.object({ to: z.literal('create'), name: NameSchema }),
  z.object({ to: z.literal('tag'), tagId: TagIdSchema }),
  z.object({ to: z.literal('leave-out') }),
]);
export type NameDecision = z.output<typeof NameDecisionSchema>;

/** Separators of names in a cell: `VIP|Partner`, those of Mailchimp, Outlook and Google Contacts, or one per line. */
export const NAME_SEPARATORS = ['|', ',', ';', ':::', '\n'] as const;
export type NameSeparator = (typeof NAME_SEPARATORS)[number];

/** The most new names, and so new tags, of one import. */
export const NEW_NAMES_MAX = 1_000;

/** The most tags that an import applies to all rows. */
const APPLY_MAX = 50;

/** What an import may say about all of its rows: a confirmation is each person's own. */
export const IMPORTED_TYPES = ['opt-in', 'opt-out'] as const;

const ImportedConsentSchema = z.object({
  topicId: TopicIdSchema,
  channel: ChannelSchema,
  type: z.enum(IMPORTED_TYPES),
});
export type ImportedConsent = z.output<typeof ImportedConsentSchema>;

/** Consents for all rows. `loosen`: an opt-in also replaces an opt-out. */
const ConsentsSchema = z.object({
  set: z.array(ImportedConsentSchema).max(50, 'An import can set at most 50 consents.').default([]),
  source: EvidenceSchema.default(''),
  wording: WordingSchema.default(''),
  loosen: z.boolean().default(false),
});
export const NO_CONSENTS: z.output<typeof ConsentsSchema> = { set: [], source: '', wording: '', loosen: false };

const WHICH_PROFILES = ['all', 'new', 'existing'] as const;

/** Old mappings had one notation for all columns: it is applied to each column. */
const WholeFileNotation = z.object({
  columns: z.array(z.record(z.string(), z.unknown())),
  dates: z.enum(['auto', 'dmy', 'mdy']).default('auto'),
  decimal: z.enum(['auto', ',', '.']).default('auto'),
});

function withNotationByColumn(mapping: unknown): unknown {
  const parsed = WholeFileNotation.safeParse(mapping);
  if (!parsed.success || (parsed.data.dates === 'auto' && parsed.data.decimal === 'auto')) return mapping;
  const { columns, dates, decimal } = parsed.data;
  const notation = { ...(dates !== 'auto' && { dates }), ...(decimal !== 'auto' && { decimal }) };
  return {
    ...(mapping as object),
    columns: columns.map((column) => (column.to === 'attribute' ? { ...notation, ...column } : column)),
  };
}

const MappingByColumn = z.object({
  /** The keyspace whose key matches a row to its profile. */
  match: KeyspaceIdSchema.nullable().default(null),
  columns: z.array(ColumnTargetSchema).max(500).default([]),
  /** The country of mobile numbers without a country code. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable()
    .default(null),
  apply: z.array(TagIdSchema).max(APPLY_MAX).default([]),
  remove: z.array(TagIdSchema).max(50).default([]),
  /** Tags to apply that do not exist yet: they are created when the run starts, and are in `apply` from then on. */
  create: z
    .array(NewTagSchema)
    .max(APPLY_MAX, `An import can apply at most ${APPLY_MAX} tags to all rows.`)
    .default([]),
  consents: ConsentsSchema.default(NO_CONSENTS),
  /** Which rows are imported: those of new profiles, of existing ones, or all. */
  rows: z.enum(WHICH_PROFILES).default('all'),
  /** What to do if a profile has another value: overwrite it, keep it, or only fill empty ones. */
  existing: z.enum(['overwrite', 'keep', 'fill']).default('overwrite'),
  /** Which profiles of the file get the tags. */
  tagged: z.enum(WHICH_PROFILES).default('all'),
  /** Whether an empty cell clears the profile's value. */
  erase: z.boolean().default(false),
  /** Between the names in tag columns; assumed from the cells unless a person chose it (`SeparatorCollector`). */
  separator: z.enum(NAME_SEPARATORS).default('|'),
  separatorChosen: z.boolean().default(false),
  /** By normalised name (`nameKey`). */
  names: z
    .record(z.string().max(200), NameDecisionSchema)
    .refine((names) => Object.keys(names).length <= NEW_NAMES_MAX, {
      message: `An import can create at most ${NEW_NAMES_MAX.toLocaleString('en-GB')} tags.`,
    })
    .default({}),
  /** Whether people who get tags or values by it enter the flows that wait for that. */
  startsFlows: z.boolean().default(false),
  /** Names in tag columns without a decision: the import stops, or leaves them out. */
  otherNames: z.enum(['ask', 'leave-out']).default('ask'),
});
export const MappingSchema = z.preprocess(withNotationByColumn, MappingByColumn);
export type Mapping = z.output<typeof MappingSchema>;

export const SaveMappingSchema = z.object({
  sectionId: SectionIdSchema,
  importId: ImportIdSchema,
  mapping: MappingSchema.refine(
    ({ apply, create }) => apply.length + create.length <= APPLY_MAX,
    `An import can apply at most ${APPLY_MAX} tags to all rows.`,
  ),
});

/** The chosen parts of a file's format; the rest is detected. */
export const FormatChoiceSchema = z.object({
  delimiter: z.enum(DELIMITERS).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  quotes: z.enum(QUOTES).optional(),
  header: z.boolean().optional(),
  startLine: z
    .int('Enter the number of a line.')
    .min(1, 'Lines are counted from 1.')
    .max(START_LINE_MAX, `The table has to begin within the first ${START_LINE_MAX.toLocaleString('en-GB')} lines.`)
    .optional(),
});

export const ChangeFormatSchema = z.object({
  sectionId: SectionIdSchema,
  importId: ImportIdSchema,
  format: FormatChoiceSchema.extend({ sheet: z.string().max(200).optional() }),
  /** Columns that the header must have, if known. */
  named: z.array(z.string().max(200)).max(1_000).default([]),
});

/** Keys of an import operation's counts. */
export const IMPORT_COUNTS = [
  'rows',
  'created',
  'updated',
  'unchanged',
  'skipped',
  'rejected',
  'left_out',
  'repeated',
  'applied',
  'already',
  'removed',
  'consents',
  'opted_out',
] as const;

export type ImportStatus = 'uploading' | 'mapping' | 'running' | 'done' | 'failed' | 'cancelled';

export type ImportView = {
  id: ImportId;
  status: ImportStatus;
  fileName: string;
  fileBytes: number;
  rows: number;
  /** Whether the whole file has been read once: `rows` is known, or `fileError` says why it cannot be read. */
  checked: boolean;
  fileError: string | null;
  format: FileFormat;
  mapping: Mapping;
  userName: string | null;
  createdAt: Date;
  operationId: OperationId | null;
  operationStatus: OperationStatus | null;
  dryOperationId: OperationId | null;
  counts: Record<string, number>;
  error: string | null;
  undoneBy: OperationId | null;
  lastUndo: OperationState['lastUndo'];
};

/** A column of the file for the mapping step. `filled`: the share of the first rows that have a value, 0–1. */
export type ColumnSample = { name: string; filled: number; samples: string[] };

/** `reason`: all problems of the row, each on a line. */
export type Reject = { line: number; cells: string[]; reason: string };

/** The problems of a rejected row. */
export const problemsIn = ({ reason }: Pick<Reject, 'reason'>): string[] => reason.split('\n');

/** Outcomes of which a dry run shows examples. */
export const OUTCOMES = [
  'created',
  'updated',
  'unchanged',
  'skipped',
  'repeated',
  'rejected',
  'left_out',
  'applied',
  'already',
  'removed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A row that had an outcome. `before` and `after`: the values that change. `tag`: the tag's name. `reason`: as in `Reject`. */
export type Example = {
  line: number;
  key: string | null;
  before?: Record<string, AttributeValue | null>;
  after?: Record<string, AttributeValue | null>;
  tag?: string;
  reason?: string;
};

/** How many profiles would get a tag, have it already, and would lose it. */
export type TagOutcome = Omit<TagLabel, 'id'> & { applied: number; already: number; removed: number };

/** The result of a dry run: the first rows of each outcome, up to DRY_RUN_TAGS tags, and the flows that it would start, if it may. */
export type DryRunResult = Partial<Record<Outcome, Example[]>> & { tags?: TagOutcome[]; flows?: FlowEntries[] };

export const DRY_RUN_TAGS = 1_000;

/** Examples per outcome in a dry run. */
export const EXAMPLES = 10;
