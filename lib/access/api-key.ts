// Whether an API key can be used, checked at the time of a change: everything else about a key is immutable.
import type { ApiKeyId } from '@/lib/db/ids';
import { maybeOne, sql, type Db, type Sql } from '@/lib/db/sql';

/** The message for a client whose key was revoked or has expired. The words are those of Apsis One. */
export const DENIED = 'User is not authorized to access this resource with an explicit deny';

/** A condition on `api_key`. */
export const usable = (now = new Date()): Sql =>
  sql`revoked_at is null and (expires_at is null or expires_at > ${now})`;

/** A condition for a statement: the key can be used; true if no API key acts. */
export function keyIsUsable(apiKeyId: ApiKeyId | null): Sql {
  return apiKeyId === null ? sql`true` : sql`exists (select from api_key where id = ${apiKeyId} and ${usable()})`;
}

/** Whether the key can be used now. */
export async function isUsableKey(db: Db, apiKeyId: ApiKeyId): Promise<boolean> {
  return (await maybeOne(db, sql`select from api_key where id = ${apiKeyId} and ${usable()}`)) !== undefined;
}
