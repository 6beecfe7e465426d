// What the wizard shows before anything runs: what cells become, and which names are in tag columns.
import { listAttributes } from '@/lib/attributes/queries';
import type { AccountId, SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { unprotected } from '@/lib/export/formulas';
import { listKeyspaces } from '@/lib/profiles/queries';
import { nameKey, nearTags, TagNameSchema } from '@/lib/tags/names';
import { readFileRows, readFirstRows } from './file';
import { SAMPLE_ROWS } from './queries';
import { cellReader, namesIn, rowReader } from './rows';
import { NEW_NAMES_MAX, type ImportView, type Mapping, type NameSeparator } from './schema';

/** A cell as it is in the file, and as it would be stored or why it would not. */
export type ConvertedCell = { raw: string; value: string | null; problem: string | null };

/** By column: some cells, those with a problem first, and how many of the looked-at ones have one. */
export type Conversion = {
  looked: number;
  columns: { cells: ConvertedCell[]; problems: number }[];
  /** Rows among them that would be rejected for what is in them; null while there is no match column. */
  rejected: number | null;
};

const CELLS = 3;

type Where = { sectionId: SectionId; accountId: AccountId; found: ImportView };

/** Tries the mapping on the file's first rows. */
export async function convertFirstRows(db: Db, where: Where, mapping: Mapping): Promise<Conversion> {
  const { sectionId, accountId, found } = where;
  const first = await readFirstRows(db, { sectionId, importId: found.id, format: found.format }, SAMPLE_ROWS);
  const [keyspaces, attributes] = await Promise.all([listKeyspaces(db, accountId), listAttributes(db, sectionId)]);
  const readCell = cellReader(mapping, keyspaces, attributes);
  const columns = found.format.columns.map((_name, index) => {
    const distinct = [...new Set(first.map(({ cells }) => cells[index]?.trim() ?? ''))];
    const cells = distinct.flatMap((raw): ConvertedCell[] => {
      const read = readCell(index, raw);
      if (!read) return [];
      return [
        'value' in read ? { raw, value: read.value, problem: null } : { raw, value: null, problem: read.problem },
      ];
    });
    const bad = new Set(cells.flatMap(({ raw, problem }) => (problem === null ? [] : [raw])));
    const problems = first.filter((row) => bad.has(row.cells[index]?.trim() ?? '')).length;
    const shown = cells.toSorted((left, right) => Number(right.problem !== null) - Number(left.problem !== null));
    return { cells: shown.slice(0, CELLS), problems };
  });
  const matched = mapping.columns.some(
    ({ to, ...target }) => to === 'key' && 'keyspaceId' in target && target.keyspaceId === mapping.match,
  );
  if (!matched) return { looked: first.length, columns, rejected: null };
  const readRow = rowReader(mapping, keyspaces, attributes, new Set());
  return {
    looked: first.length,
    columns,
    rejected: first.filter(({ cells, problem }) => problem !== undefined || readRow(cells).reason !== null).length,
  };
}

/** A name in a tag column that no visible tag has. `rows`: how many rows have it; `line`: the first of them. */
export type FreshName = { key: string; name: string; rows: number; line: number; near: { id: TagId; name: string }[] };

/** `fresh`: up to NEW_NAMES_MAX of them, those in most rows first; `freshCount`: how many there are, counted up to a limit. */
export type NamesInFile = { known: number; fresh: FreshName[]; freshCount: number };

const COUNT_UP_TO = 20_000;
const NEAR_FOR = 200;

/** Reads the file to its end for the names in its tag columns. */
export async function findNamesInFile(
  db: Db,
  { sectionId, found }: Where,
  columns: number[],
  separator: NameSeparator,
): Promise<NamesInFile> {
  const tags = await rows<{ id: TagId; name: string; key: string }>(
    db,
    sql`select id, name, name_key as key from tag where section_id = ${sectionId} and hidden_at is null`,
  );
  const visible = new Set(tags.map(({ key }) => key));
  const known = new Set<string>();
  const fresh = new Map<string, Omit<FreshName, 'near'>>();
  const all = readFileRows(db, { sectionId, importId: found.id, format: found.format });
  for await (const { line, cells, problem } of all) {
    // Its tags are not applied either.
    if (problem !== undefined) continue;
    for (const column of columns) {
      for (const name of namesIn(unprotected((cells[column] ?? '').trim()), separator)) {
        const parsed = TagNameSchema.safeParse(name);
        // A name that cannot be one rejects its row, with the reason.
        if (!parsed.success) continue;
        const key = nameKey(parsed.data);
        const earlier = fresh.get(key);
        if (visible.has(key)) known.add(key);
        else if (earlier) earlier.rows++;
        else if (fresh.size < COUNT_UP_TO) fresh.set(key, { key, name: parsed.data, rows: 1, line });
      }
    }
  }
  const first = [...fresh.values()].sort((left, right) => right.rows - left.rows).slice(0, NEW_NAMES_MAX);
  return {
    known: known.size,
    fresh: first.map((name, index) => ({ ...name, near: index < NEAR_FOR ? nearTags(name.name, tags) : [] })),
    freshCount: fresh.size,
  };
}
