// From a file's row to what is wanted of a profile, or to the reason why it is rejected. Pure.
import type { CountryCode } from 'libphonenumber-js';
import type { Attribute, AttributeValue } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import type { KeyspaceId } from '@/lib/db/ids';
import { KEY_ATTRIBUTES, normaliseKey } from '@/lib/profiles/keys';
import type { Keyspace } from '@/lib/profiles/schema';
import type { Mapping } from './schema';

export type StagedRow = { row: number; line: number; cells: string[] };

/** What the rows of one match key want, together: later rows win. `rows`: those of the file that are in it. */
export type WantedProfile = {
  key: string;
  rows: StagedRow[];
  values: Record<string, AttributeValue>;
  otherKeys: Map<KeyspaceId, string>;
};

export type RejectedRow = { row: number; reason: string; key: string | null };
export type ReadBatch = { wanted: WantedProfile[]; rejected: RejectedRow[] };

export type Reader = (rows: readonly StagedRow[]) => ReadBatch;

/** A reader for the mapping. Columns that become nothing, or something that is gone, are not looked at. */
export function rowReader(mapping: Mapping, keyspaces: readonly Keyspace[], attributes: readonly Attribute[]): Reader {
  const country = (mapping.country ?? undefined) as CountryCode | undefined;
  const keyColumns: { index: number; keyspace: Keyspace }[] = [];
  const valueColumns: { index: number; attribute: Attribute }[] = [];
  mapping.columns.forEach((column, index) => {
    if (column.to === 'key') {
      const keyspace = keyspaces.find(({ id }) => id === column.keyspaceId);
      if (keyspace) keyColumns.push({ index, keyspace });
    } else if (column.to === 'attribute') {
      const attribute = attributes.find(({ code }) => code === column.code);
      if (attribute) valueColumns.push({ index, attribute });
    }
  });
  const matchColumn = keyColumns.find(({ keyspace }) => keyspace.id === mapping.match);
  if (!matchColumn) throw new Error('The mapping has no match column: startImport should have refused it.');
  const otherColumns = keyColumns.filter((column) => column !== matchColumn);

  const readRow = ({ cells }: StagedRow): Omit<WantedProfile, 'rows'> | { reason: string; key: string | null } => {
    const match = normaliseKey(matchColumn.keyspace.kind, cells[matchColumn.index] ?? '', country);
    if (!match.ok) return { reason: `${matchColumn.keyspace.name}: ${match.reason}`, key: null };
    const values: Record<string, AttributeValue> = { [KEY_ATTRIBUTES[matchColumn.keyspace.kind]]: match.key };
    const otherKeys = new Map<KeyspaceId, string>();
    for (const { index, keyspace } of otherColumns) {
      const raw = cells[index]?.trim() ?? '';
      if (raw === '') continue;
      const key = normaliseKey(keyspace.kind, raw, country);
      if (!key.ok) return { reason: `${keyspace.name}: ${key.reason}`, key: match.key };
      otherKeys.set(keyspace.id, key.key);
      values[KEY_ATTRIBUTES[keyspace.kind]] = key.key;
    }
    for (const { index, attribute } of valueColumns) {
      const raw = cells[index]?.trim() ?? '';
      // An empty cell says nothing: it never erases.
      if (raw === '') continue;
      const value = parseAttributeValue(attribute, raw);
      if (!value.ok) return { reason: value.reason, key: match.key };
      values[attribute.code] = value.value;
    }
    return { key: match.key, values, otherKeys };
  };

  return (rows) => {
    const wanted = new Map<string, WantedProfile>();
    const rejected: RejectedRow[] = [];
    const claimed = new Map<string, string>();
    for (const row of rows) {
      const read = readRow(row);
      if ('reason' in read) {
        rejected.push({ row: row.row, ...read });
        continue;
      }
      const clash = [...read.otherKeys].find(
        ([keyspaceId, key]) => (claimed.get(`${keyspaceId} ${key}`) ?? read.key) !== read.key,
      );
      if (clash) {
        rejected.push({
          row: row.row,
          key: read.key,
          reason: `${clash[1]} is on another row of the file with another key`,
        });
        continue;
      }
      for (const [keyspaceId, key] of read.otherKeys) claimed.set(`${keyspaceId} ${key}`, read.key);
      const earlier = wanted.get(read.key);
      if (!earlier) {
        wanted.set(read.key, { ...read, rows: [row] });
        continue;
      }
      earlier.rows.push(row);
      Object.assign(earlier.values, read.values);
      for (const [keyspaceId, key] of read.otherKeys) earlier.otherKeys.set(keyspaceId, key);
    }
    return { wanted: [...wanted.values()], rejected };
  };
}
