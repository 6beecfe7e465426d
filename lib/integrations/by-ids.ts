// Looks rows up by their ids.

/**
 * Rows by their ids. What an answer leaves out is asked for again as long as more comes: a server may give fewer rows than it is asked
 * for. Rows that the CRM does not give at all are absent.
 */
export async function byIds<Row>(
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  for (let missing = ids; missing.length > 0;) {
    const asked = new Set(missing);
    for (const row of await read(missing)) {
      const id = idOf(row);
      if (asked.has(id)) found.set(id, row);
    }
    const left = missing.filter((id) => !found.has(id));
    if (left.length === missing.length) break;
    missing = left;
  }
  return found;
}
