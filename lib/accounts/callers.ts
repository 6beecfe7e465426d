// Authenticates API callers: checks credentials, and loads what the key of a token may do on each call.
import { timingSafeEqual } from 'node:crypto';
import type { ClientActor, Origin } from '@/lib/access/actor';
import { usable } from '@/lib/access/api-key';
import type { AccountId, ApiKeyId, KeyspaceId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql } from '@/lib/db/sql';
import { hashToken } from '@/lib/db/tokens';

/** The API key of these credentials, if it is valid. */
export async function checkClient(
  clientId: string,
  secret: string,
): Promise<{ apiKeyId: ApiKeyId; accountId: AccountId } | null> {
  const found = await maybeOne<{ apiKeyId: ApiKeyId; accountId: AccountId; secretHash: Buffer }>(
    pool(),
    sql`
      select id as "apiKeyId", account_id as "accountId", secret_hash as "secretHash"
      from api_key
      where client_id = ${clientId} and ${usable()}`,
  );
  const { secretHash, ...client } = found ?? { secretHash: hashSecret(''), apiKeyId: null, accountId: null };
  const fits = timingSafeEqual(hashSecret(secret), secretHash);
  return fits && client.apiKeyId !== null ? client : null;
}

/** The hash of a key's secret. A secret has 256 random bits: a slow hash would add nothing. */
export function hashSecret(secret: string): Buffer<ArrayBuffer> {
  return Buffer.from(hashToken(secret), 'hex');
}

type LoadedClient = {
  name: string;
  accountId: AccountId;
  canWrite: boolean;
  sections: SectionId[] | null;
  keyspaces: KeyspaceId[] | null;
  stale: boolean;
  sectionId: SectionId | null;
  keyspaceId: KeyspaceId | null;
};

/** What the address of a call names, as discriminators, with the ids; null if the account has none of that name. */
export type NamedScope = {
  section: string | null;
  keyspace: string | null;
  sectionId: SectionId | null;
  keyspaceId: KeyspaceId | null;
};

/** The actor for a key; null if the key is no longer valid. */
export async function loadClient(apiKeyId: ApiKeyId, from: Origin): Promise<ClientActor | null> {
  return (await loadCall(apiKeyId, { section: null, keyspace: null }, from))?.client ?? null;
}

/** The caller and the ids of what the address names, in one query per call. Null if the key is no longer valid. */
export async function loadCall(
  apiKeyId: ApiKeyId,
  { section, keyspace }: { section: string | null; keyspace: string | null },
  from: Origin,
): Promise<Call | null> {
  const [found] = await rows<LoadedClient>(
    pool(),
    sql`
      select name, account_id as "accountId", can_write as "canWrite",
        case when not all_sections then (
          select coalesce(array_agg(section_id), '{}') from api_key_section where api_key_id = api_key.id
        ) end as sections,
        case when not all_keyspaces then (
          select coalesce(array_agg(keyspace_id), '{}') from api_key_keyspace where api_key_id = api_key.id
        ) end as keyspaces,
        coalesce(last_used_at < now() - interval '1 minute', true) as stale,
        (select id from section where account_id = api_key.account_id and discriminator = ${section}) as "sectionId",
        (select id from keyspace where account_id = api_key.account_id and discriminator = ${keyspace}) as "keyspaceId"
      from api_key
      where id = ${apiKeyId} and ${usable()}`,
    { prepare: true },
  );
  if (!found) return null;
  const { stale, sections, keyspaces, sectionId, keyspaceId, ...client } = found;
  if (stale) {
    const now = new Date();
    const minuteAgo = new Date(now.getTime() - 60_000);
    await execute(
      pool(),
      sql`update api_key set last_used_at = ${now}
          where id = ${apiKeyId} and (last_used_at is null or last_used_at < ${minuteAgo})`,
    );
  }
  return {
    client: { kind: 'client', apiKeyId, ...client, sections: sections ?? 'all', keyspaces: keyspaces ?? 'all', from },
    named: { section, keyspace, sectionId, keyspaceId },
  };
}

type Call = { client: ClientActor; named: NamedScope };

/** Recently loaded calls, by key and what they name. */
const recent = new Map<string, Call & { until: number }>();
const RECENT_MS = 30_000;
const RECENT_MAX = 10_000;

/**
 * The same, cached for half a minute: for calls whose command itself checks, within the change, that the key is still valid.
 * Nothing else about a key ever changes.
 */
export async function loadCallCached(
  apiKeyId: ApiKeyId,
  names: { section: string | null; keyspace: string | null },
  from: Origin,
): Promise<Call | null> {
  const name = `${apiKeyId} ${names.section} ${names.keyspace}`;
  const known = recent.get(name);
  if (known && known.until > Date.now()) return { client: { ...known.client, from }, named: known.named };
  const loaded = await loadCall(apiKeyId, names, from);
  if (!loaded) return null;
  if (recent.size >= RECENT_MAX) recent.clear();
  recent.set(name, { ...loaded, until: Date.now() + RECENT_MS });
  return loaded;
}
