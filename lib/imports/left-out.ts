// Values that were left out of rows that come in: a date such as 0/0/00, the second of two addresses in a cell. Kept
// beside the import, so that its report can tell each of them.
import type { ImportId, SectionId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';

/** What was left out of a row, and why. `key`: that of the row, as it was matched. */
export type LeftOut = { row: number; line: number; key: string | null; reasons: string[] };

type Of = { sectionId: SectionId; importId: ImportId };

/** Keeps what was left out of some rows. */
export async function keepLeftOut(tx: Tx, { sectionId, importId }: Of, leftOut: readonly LeftOut[]): Promise<void> {
  if (leftOut.length === 0) return;
  await execute(
    tx,
    sql`
      insert into import_left_out (section_id, import_id, row, line, key, reasons)
      select ${sectionId}, ${importId}, item.row, item.line, item.key, item.reasons
      from jsonb_to_recordset(${JSON.stringify(leftOut)}::jsonb) as item(row int, line int, key text, reasons text[])`,
  );
}

/** Forgets all of it, before the file is read again or when a dry run has told it. */
export async function forgetLeftOut(tx: Tx, { sectionId, importId }: Of): Promise<void> {
  await execute(tx, sql`delete from import_left_out where section_id = ${sectionId} and import_id = ${importId}`);
}

/** Forgets it of rows that were rejected after all, and counts the values of the others. Asked while rows are staged. */
export async function settleLeftOut(tx: Tx, { sectionId, importId }: Of): Promise<number> {
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

/** What was left out, in the order of the file; `after`: only of rows after this one. */
export function listLeftOut(
  db: Db,
  { sectionId, importId }: Of,
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
