// How the file of an import was read: what was detected, chosen and assumed. For reports.
import type { DateOrder, ShortYears } from '@/lib/attributes/dates';
import { listAttributes } from '@/lib/attributes/queries';
import type { SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { likelyOrder, type Reading } from './evidence';
import { notesOn, type Delimiter, type Encoding } from './format';
import { readingsOf } from './preview';
import { getEvidence } from './queries';
import { hasTagColumns } from './mapping';
import type { ImportView, NameSeparator } from './schema';

/** Why a column, or the encoding, is read as it is. `unknown`: there was no evidence, and ambiguous values were rejected. */
export const BASES = ['chosen', 'found', 'assumed', 'unknown'] as const;
export type Basis = (typeof BASES)[number];

/** Least certain first. */
const CERTAINTY: readonly Basis[] = ['unknown', 'assumed', 'found', 'chosen'];

/** A column whose dates or numbers could be read in several ways. */
export type ColumnAsRead = {
  name: string;
  dates: DateOrder | null;
  /** Null if it has no dates, or none with an ambiguous two-digit year. */
  shortYears: ShortYears | null;
  decimal: '.' | ',' | null;
  /** The basis of the least certain part. */
  basis: Basis;
};

/** `text`: null for a workbook. `headerLine`: null if there is no header. */
export type FileAsRead = {
  text: { encoding: Encoding; encodingBasis: Exclude<Basis, 'unknown'>; delimiter: Delimiter } | null;
  sheet: string | null;
  headerLine: number | null;
  chosen: ('delimiter' | 'header')[];
  columns: ColumnAsRead[];
  /** Between the names in tag columns; null without such columns. */
  separator: { separator: NameSeparator; basis: 'chosen' | 'assumed' } | null;
  /** What people should know about the file. */
  notes: string[];
};

/** How the file of an import was read. */
export async function fileAsRead(
  db: Db,
  sectionId: SectionId,
  { id, format, mapping }: Pick<ImportView, 'id' | 'format' | 'mapping'>,
): Promise<FileAsRead> {
  const evidence = await getEvidence(db, sectionId, id);
  const attributes = await listAttributes(db, sectionId);
  const likely = likelyOrder(mapping.columns, { attributes, evidence });
  const columns = format.columns.flatMap((name, index): ColumnAsRead[] => {
    const readings = readingsOf(mapping.columns[index], attributes, evidence?.[index], likely);
    const open = <Way extends string>(reading: Reading<Way> | null) => (reading?.why === 'plain' ? null : reading);
    const [dates, shortYears, decimals] = [open(readings.dates), open(readings.shortYears), open(readings.decimals)];
    const bases = [dates, shortYears, decimals].flatMap((reading) => (reading ? [basisOf(reading)] : []));
    if (bases.length === 0) return [];
    const [basis] = bases.sort((one, other) => CERTAINTY.indexOf(one) - CERTAINTY.indexOf(other));
    return [
      {
        name,
        dates: dates?.way ?? null,
        shortYears: shortYears?.way ?? null,
        decimal: decimals?.way ?? null,
        basis: basis!,
      },
    ];
  });
  const { chosen = {}, encoding, encodingAssumed, delimiter, sheet = null, header, startLine } = format;
  const encodingBasis = chosen.encoding !== undefined ? 'chosen' : encodingAssumed ? 'assumed' : 'found';
  const text = sheet === null ? ({ encoding, encodingBasis, delimiter } as const) : null;
  return {
    text,
    sheet,
    headerLine: header ? startLine : null,
    chosen: [
      ...(text && chosen.delimiter !== undefined ? (['delimiter'] as const) : []),
      ...(chosen.header !== undefined || chosen.startLine !== undefined ? (['header'] as const) : []),
    ],
    columns,
    separator: hasTagColumns(mapping)
      ? { separator: mapping.separator, basis: mapping.separatorChosen ? 'chosen' : 'assumed' }
      : null,
    notes: notesOn(format),
  };
}

function basisOf({ way, why }: Reading<string>): Basis {
  if (way === null) return 'unknown';
  return why === 'chosen' || why === 'assumed' ? why : 'found';
}
