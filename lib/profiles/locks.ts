// Keys that can never be used again. Only their hashes are stored, so that nothing of the person remains.
import { refuse } from '@/lib/access/refusal';
import type { KeyspaceId, SectionId } from '@/lib/db/ids';
import { LostRace } from '@/lib/db/pool';
import { execute, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';

export const LOCKED = 'This profile key is locked for good: the person who had it must not be stored again.';

/** A condition: the normalised key is locked. */
export const isLocked = (sectionId: SectionId, keyspaceId: Sql, key: Sql): Sql => sql`exists (
  select from locked_key locked
  where locked.section_id = ${sectionId} and locked.keyspace_id = ${keyspaceId}
    and locked.key_hash = sha256(convert_to(${key}, 'UTF8'))
)`;

/** Which of the normalised keys are locked. */
export async function lockedKeys(
  db: Db,
  { sectionId, keyspaceId }: { sectionId: SectionId; keyspaceId: KeyspaceId },
  keys: readonly string[],
): Promise<Set<string>> {
  const found = await rows<{ key: string }>(
    db,
    sql`
      select wanted.key
      from unnest(${keys}::text[]) wanted (key)
      where ${isLocked(sectionId, sql`${keyspaceId}`, sql`wanted.key`)}`,
    { prepare: true },
  );
  return new Set(found.map(({ key }) => key));
}

/** Refuses with `locked` if any of the keys is locked. */
export async function requireUnlocked(
  db: Db,
  sectionId: SectionId,
  keys: ReadonlyMap<KeyspaceId, string | null>,
): Promise<void> {
  if (keys.size === 0) return;
  const [locked] = await rows<{ keyspaceId: KeyspaceId }>(
    db,
    sql`
      select keyspace_id as "keyspaceId"
      from unnest(${[...keys.keys()]}::int[], ${[...keys.values()]}::text[]) wanted (keyspace_id, key)
      where ${isLocked(sectionId, sql`wanted.keyspace_id`, sql`wanted.key`)}
      limit 1`,
  );
  if (locked) refuse('locked', LOCKED, { field: `key:${locked.keyspaceId}` });
}

/**
 * Checks keys after they were set, in a statement of its own: setting a key may have waited for a transaction that
 * locked it, and only a later statement sees that lock. Throws LostRace. `keys` selects `keyspace_id, key`; null keys
 * are ignored. `before`: a `with` clause that `keys` needs.
 */
export async function requireNoneLocked(
  tx: Tx,
  sectionId: SectionId,
  keys: Sql,
  { before = sql``, prepare = false }: { before?: Sql; prepare?: boolean } = {},
): Promise<void> {
  const [{ locked }] = (await rows<{ locked: boolean }>(
    tx,
    sql`
      ${before}
      select exists (select from locked_key where section_id = ${sectionId}) and exists (
        select from (${keys}) wanted
        where ${isLocked(sectionId, sql`wanted.keyspace_id`, sql`wanted.key`)}
      ) as locked`,
    { prepare },
  )) as [{ locked: boolean }];
  if (locked) throw new LostRace();
}

/** Locks a normalised key: no profile can have it any more. */
export async function lockKey(
  tx: Tx,
  { sectionId, keyspace }: { sectionId: SectionId; keyspace: { id: KeyspaceId } },
  key: string,
): Promise<void> {
  await execute(
    tx,
    sql`
      insert into locked_key (section_id, keyspace_id, key_hash)
      values (${sectionId}, ${keyspace.id}, sha256(convert_to(${key}::text, 'UTF8')))
      on conflict do nothing`,
  );
}
