// Shapes of an import: what each column becomes, what the run counts, what pages show.
import { z } from 'zod';
import {
  ImportIdSchema,
  KeyspaceIdSchema,
  SectionIdSchema,
  TagIdSchema,
  type ImportId,
  type OperationId,
} from '@/lib/db/ids';
import type { OperationStatus } from '@/lib/operations/schema';
import type { FileFormat } from './parse';

/** What a column becomes. */
export const ColumnTargetSchema = z.discriminatedUnion('to', [
  z.object({ to: z.literal('nothing') }),
  z.object({ to: z.literal('key'), keyspaceId: KeyspaceIdSchema }),
  z.object({ to: z.literal('attribute'), code: z.string().max(40) }),
]);
export type ColumnTarget = z.output<typeof ColumnTargetSchema>;

const WHICH_PROFILES = ['all', 'new', 'existing'] as const;

export const MappingSchema = z.object({
  /** The keyspace by whose key a row finds its profile. */
  match: KeyspaceIdSchema.nullable().default(null),
  columns: z.array(ColumnTargetSchema).max(500).default([]),
  /** The country of mobile numbers without a country code. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable()
    .default(null),
  apply: z.array(TagIdSchema).max(50).default([]),
  remove: z.array(TagIdSchema).max(50).default([]),
  /** Which rows count: those of new profiles, of existing ones, or all. */
  rows: z.enum(WHICH_PROFILES).default('all'),
  /** Where a profile has another value: the file's comes, what is there stays, or only what is empty is filled. */
  existing: z.enum(['overwrite', 'keep', 'fill']).default('overwrite'),
  /** Which profiles of the file the tags are for. */
  tagged: z.enum(WHICH_PROFILES).default('all'),
});
export type Mapping = z.output<typeof MappingSchema>;

export const SaveMappingSchema = z.object({
  sectionId: SectionIdSchema,
  importId: ImportIdSchema,
  mapping: MappingSchema,
});

/** Keys of an import operation's counts. */
export const IMPORT_COUNTS = [
  'rows',
  'created',
  'updated',
  'unchanged',
  'skipped',
  'rejected',
  'repeated',
  'applied',
  'already',
  'removed',
] as const;

export type ImportStatus = 'uploading' | 'mapping' | 'running' | 'done' | 'failed' | 'cancelled';

export type ImportView = {
  id: ImportId;
  status: ImportStatus;
  fileName: string;
  fileBytes: number;
  rows: number;
  format: FileFormat;
  mapping: Mapping;
  userName: string | null;
  createdAt: Date;
  operationId: OperationId | null;
  operationStatus: OperationStatus | null;
  counts: Record<string, number>;
  error: string | null;
  undoneBy: OperationId | null;
};

/** A column of the file for the mapping step. `filled`: the share of the first rows that have a value, 0–1. */
export type ColumnSample = { name: string; filled: number; samples: string[] };

export type Reject = { line: number; cells: string[]; reason: string };
