// The wizard's preview of a run: what cells become, and the names in tag columns.
import type { DateOrder, ShortYears } from '@/lib/attributes/dates';
import { listAttributes } from '@/lib/attributes/queries';
import type { Attribute } from '@/lib/attributes/schema';
import { isBirthday } from '@/lib/attributes/values';
import type { AccountId, SectionId, TagId } from '@/lib/db/ids';
import { Cancelled } from '@/lib/db/cancellable';
import { rows, sql, type Db } from '@/lib/db/sql';
import { listKeyspaces } from '@/lib/profiles/queries';
import { nameKey, nearNames, NameSchema } from '@/lib/naming/names';
import { isSpreadsheetError } from '@/lib/text/no-value';
import { cellText } from './cells';
import {
  dateReading,
  decimalReading,
  evidenceOf,
  likelyOrder,
  shortYearReading,
  type ColumnEvidence,
  type Reading,
} from './evidence';
import { readFileRows, readFirstRows } from './file';
import { getEvidence, SAMPLE_ROWS } from './queries';
import { cellReader, namesIn, rowReader } from './rows';
import { SeparatorCollector, type SeparatorReading } from './separators';
import {
  NEW_NAMES_MAX,
  problemsIn,
  type ColumnTarget,
  type ImportView,
  type Mapping,
  type NameSeparator,
} from './schema';

/** A cell as in the file, and as it would be stored, or why it would be rejected or left out. */
export type ConvertedCell = { raw: string; value: string | null; problem: string | null; leftOut: string | null };

/** For each column: some cells, those with a problem first, and the number of examined cells with a problem. */
export type ConvertedColumn = {
  cells: ConvertedCell[];
  problems: number;
  /** How its dates or numbers are read, and why; null if it has neither. */
  dates: Reading<DateOrder> | null;
  shortYears: Reading<ShortYears> | null;
  decimals: Reading<'.' | ','> | null;
};

export type Conversion = {
  checkedRows: number;
  /** Whether the evidence covers the whole file, or so far only its first rows. */
  whole: boolean;
  columns: ConvertedColumn[];
  /** Rows among them that would be rejected for their content; null while there is no match column. */
  rejected: number | null;
  /** The most frequent problem of these rows, and the number of rows with it. */
  mostly: { problem: string; rows: number } | null;
};

const CELLS = 3;

type PreviewContext = { sectionId: SectionId; accountId: AccountId; found: ImportView };

/** Tries the mapping on the file's first rows. */
export async function convertFirstRows(db: Db, where: PreviewContext, mapping: Mapping): Promise<Conversion> {
  const { sectionId, accountId, found } = where;
  const first = await readFirstRows(db, { sectionId, importId: found.id, format: found.format }, SAMPLE_ROWS);
  const [keyspaces, attributes, ofFile] = await Promise.all([
    listKeyspaces(db, accountId),
    listAttributes(db, sectionId),
    getEvidence(db, sectionId, found.id),
  ]);
  const evidence = ofFile ?? evidenceOf(first);
  const known = { keyspaces, attributes, evidence };
  const readCell = cellReader(mapping, known);
  const likely = likelyOrder(mapping.columns, known);
  const columns = found.format.columns.map((_name, index): ConvertedColumn => {
    const distinct = [...new Set(first.map(({ cells }) => cells[index]?.trim() ?? ''))];
    const cells = distinct.flatMap((raw): ConvertedCell[] => {
      const read = readCell(index, raw);
      return read ? [{ raw, value: null, problem: null, leftOut: null, ...read }] : [];
    });
    const bad = new Set(cells.flatMap(({ raw, problem }) => (problem === null ? [] : [raw])));
    const problems = first.filter((row) => bad.has(row.cells[index]?.trim() ?? '')).length;
    const urgency = (cell: ConvertedCell) => (cell.problem !== null ? 2 : cell.leftOut !== null ? 1 : 0);
    const shown = cells.toSorted((left, right) => urgency(right) - urgency(left));
    return {
      cells: shown.slice(0, CELLS),
      problems,
      ...readingsOf(mapping.columns[index], attributes, evidence[index], likely),
    };
  });
  const result = { checkedRows: first.length, whole: ofFile !== null, columns };
  const matched = mapping.columns.some((target) => target.to === 'key' && target.keyspaceId === mapping.match);
  if (!matched) return { ...result, rejected: null, mostly: null };
  const readRow = rowReader(mapping, known, new Set());
  const reasons = first.flatMap(({ cells, problem }) => problem ?? readRow(cells).reason ?? []);
  return {
    ...result,
    rejected: reasons.length,
    mostly: mostFrequent(reasons.flatMap((reason) => problemsIn({ reason }))),
  };
}

function mostFrequent(problems: readonly string[]): Conversion['mostly'] {
  const rows = new Map<string, number>();
  for (const problem of problems) rows.set(problem, (rows.get(problem) ?? 0) + 1);
  const [first] = [...rows].sort(([, one], [, other]) => other - one);
  return first ? { problem: first[0], rows: first[1] } : null;
}

/** How a column's dates or numbers are read; null if it has neither. `likely`: see `likelyOrder`. */
export function readingsOf(
  target: ColumnTarget | undefined,
  attributes: readonly Attribute[],
  evidence: ColumnEvidence | null | undefined,
  likely: DateOrder | null,
): Pick<ConvertedColumn, 'dates' | 'shortYears' | 'decimals'> {
  const attribute = target?.to === 'attribute' ? attributes.find(({ code }) => code === target.code) : undefined;
  if (target?.to !== 'attribute' || !attribute) return { dates: null, shortYears: null, decimals: null };
  const { type } = attribute;
  return {
    dates: type === 'date' ? dateReading(evidence, target, likely) : null,
    shortYears: type === 'date' && !isBirthday(attribute) ? shortYearReading(evidence, target) : null,
    decimals: type === 'number' ? decimalReading(evidence, target) : null,
  };
}

/** A name in a tag column that no visible tag has. `rows`: the number of rows with it; `line`: the first one. */
export type FreshName = { key: string; name: string; rows: number; line: number; near: { id: TagId; name: string }[] };

/** `separator`: how the cells are split into names. `fresh`: up to NEW_NAMES_MAX of them, most frequent first; `freshCount`: their number, counted up to a limit. */
export type NamesInFile = { separator: SeparatorReading; known: number; fresh: FreshName[]; freshCount: number };

const COUNT_UP_TO = 20_000;
const NEAR_FOR = 200;

type TagColumns = { columns: number[]; separator?: NameSeparator; signal?: AbortSignal };

/**
 * Reads the file to its end for the names in its tag columns; throws `Cancelled` if `signal` is aborted. Without a `separator`, the one
 * that the whole file shows is used.
 */
export async function findNamesInFile(
  db: Db,
  { sectionId, found }: PreviewContext,
  { columns, separator: chosen, signal }: TagColumns,
): Promise<NamesInFile> {
  const tags = await rows<{ id: TagId; name: string; key: string }>(
    db,
    sql`select id, name, name_key as key from tag where section_id = ${sectionId} and hidden_at is null`,
  );
  const visible = new Set(tags.map(({ key }) => key));
  const known = new Set<string>();
  const fresh = new Map<string, Omit<FreshName, 'near'>>();
  const countNames = (names: readonly string[], line: number, times: number) => {
    for (const name of names) {
      const parsed = NameSchema.safeParse(name);
      // An invalid name gets its row rejected, with the reason.
      if (!parsed.success) continue;
      const key = nameKey(parsed.data);
      const earlier = fresh.get(key);
      if (visible.has(key)) known.add(key);
      else if (earlier) earlier.rows += times;
      else if (fresh.size < COUNT_UP_TO) fresh.set(key, { key, name: parsed.data, rows: times, line });
    }
  };
  const collector = new SeparatorCollector();
  const decide = (): SeparatorReading => {
    const reading = collector.reading(visible, chosen);
    for (const [cell, { line, times }] of collector.cells) countNames(namesIn(cell, reading.separator), line, times);
    return reading;
  };
  let separator: SeparatorReading | undefined;
  for await (const { line, cell } of cellsOf(db, { sectionId, found }, columns, signal)) {
    if (separator) countNames(namesIn(cell, separator.separator), line, 1);
    else collector.add(line, cell);
    if (!separator && collector.isFull) separator = decide();
  }
  separator ??= decide();
  const first = [...fresh.values()].sort((left, right) => right.rows - left.rows).slice(0, NEW_NAMES_MAX);
  return {
    separator,
    known: known.size,
    fresh: first.map((name, index) => ({ ...name, near: index < NEAR_FOR ? nearNames(name.name, tags) : [] })),
    freshCount: fresh.size,
  };
}

/** The text of the cells of these columns that are not empty, to the end of the file. */
async function* cellsOf(
  db: Db,
  { sectionId, found }: Omit<PreviewContext, 'accountId'>,
  columns: readonly number[],
  signal: AbortSignal | undefined,
): AsyncGenerator<{ line: number; cell: string }> {
  const all = readFileRows(db, { sectionId, importId: found.id, format: found.format });
  for await (const { line, cells, problem } of all) {
    if (signal?.aborted) throw new Cancelled('abandoned');
    // The row is rejected, so its tags are not applied either.
    if (problem !== undefined) continue;
    for (const column of columns) {
      const cell = cellText(cells[column] ?? '');
      if (cell !== '' && !isSpreadsheetError(cell)) yield { line, cell };
    }
  }
}
