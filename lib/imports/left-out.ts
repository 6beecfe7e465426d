// Values left out of imported rows: a date such as 0/0/00, the second of two addresses in a cell. Stored with the
// import for its report.
import type { ImportId, SectionId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';

/** A value left out of a row, and why. `key`: the row's match key. */
export type LeftOut = { row: number; line: number; key: string | null; reasons: string[] };

type ImportRef = { sectionId: SectionId; importId: ImportId };

/** Stores values left out of some rows. */
export async function saveLeftOut(
  tx: Tx,
  { sectionId, importId }: ImportRef,
  leftOut: readonly LeftOut[],
): Promise<void> {
  if (leftOut.length === 0) return;
  await execute(
    tx,
    sql`
      insert into import_left_out (section_id, import_id, row, line, key, reasons)
      select ${sectionId}, ${importId}, item.row, item.line, item.key, item.reasons
      from jsonb_to_recordset(${JSON.stringify(leftOut)}::jsonb) as item(row int, line int, key text, reasons text[])`,
  );
}

/** Deletes all of them, before the file is read again or after a dry run has reported them. */
export async function clearLeftOut(tx: Tx, { sectionId, importId }: ImportRef): Promise<void> {
  await execute(tx, sql`delete from import_left_out where section_id = ${sectionId} and import_id = ${importId}`);
}

/** Deletes those of rows that were rejected later, and counts the rest. Called while rows are staged. */
export async function finishLeftOut(tx: Tx, { sectionId, importId }: ImportRef): Promise<number> {
  await execute(
    tx,
    sql`
      delete from import_left_out item
      using import_row staged
      where item.section_id = ${sectionId} and item.import_id = ${importId} and staged.section_id = ${sectionId}
        and staged.import_id = ${importId} and staged.row = item.row and staged.reason is not null`,
  );
  const { count } = await one<{ count: number }>(
    tx,
    sql`
      select coalesce(sum(cardinality(reasons)), 0)::int as count
      from import_left_out where section_id = ${sectionId} and import_id = ${importId}`,
  );
  return count;
}

/** The values left out, in file order. `after`: only rows after this one. */
export function listLeftOut(
  db: Db,
  { sectionId, importId }: ImportRef,
  { after = 0, limit }: { after?: number; limit: number },
): Promise<LeftOut[]> {
  return rows<LeftOut>(
    db,
    sql`
      select row, line, key, reasons from import_left_out
      where section_id = ${sectionId} and import_id = ${importId} and row > ${after}
      order by row
      limit ${limit}`,
  );
}
