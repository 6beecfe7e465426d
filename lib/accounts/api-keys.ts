// API keys: made by Admins for other systems, with the sections and keyspaces that they may use. A secret is shown once.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { actorUserId, type ClientActor, type Origin } from '@/lib/access/actor';
import { usable } from '@/lib/access/api-key';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import {
  ApiKeyIdSchema,
  KeyspaceIdSchema,
  type AccountId,
  type ApiKeyId,
  type KeyspaceId,
  type SectionId,
} from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Db } from '@/lib/db/sql';
import { hashToken } from '@/lib/db/tokens';
import { NameSchema, SectionsSchema } from './schema';
import { requireMayGive } from './users';

const KeyspacesSchema = z.union([z.literal('all'), z.array(KeyspaceIdSchema).min(1, 'Choose at least one keyspace.')]);

/** Makes a key. `{ clientId, secret }`: the secret is in this answer and nowhere else. */
export const createApiKey = command({
  name: 'api-keys.create',
  secret: true,
  scope: 'account',
  allow: 'admins',
  input: z.object({
    name: NameSchema,
    sections: SectionsSchema,
    keyspaces: KeyspacesSchema,
    canWrite: z.boolean(),
    expiresAt: z.coerce
      .date()
      .refine((date) => date > new Date(), 'Choose a day to come.')
      .nullable(),
  }),
  run: async ({ tx, actor, accountId }, { name, sections, keyspaces, canWrite, expiresAt }) => {
    requireMayGive(actor, sections);
    const clientId = randomBytes(16).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const { id } = await one<{ id: ApiKeyId }>(
      tx,
      sql`
        insert into api_key (account_id, name, client_id, secret_hash, can_write, all_sections, all_keyspaces, created_by, expires_at)
        values (${accountId}, ${name}, ${clientId}, ${hashed(secret)}, ${canWrite}, ${sections === 'all'},
                ${keyspaces === 'all'}, ${actorUserId(actor)}, ${expiresAt})
        returning id`,
    );
    await execute(
      tx,
      sql`
        insert into api_key_section (api_key_id, section_id)
        select ${id}::int, id from section
        where account_id = ${accountId} and id = any(${sections === 'all' ? [] : sections}::int[])`,
    );
    await execute(
      tx,
      sql`
        insert into api_key_keyspace (api_key_id, keyspace_id)
        select ${id}::int, id from keyspace
        where account_id = ${accountId} and id = any(${keyspaces === 'all' ? [] : keyspaces}::int[])`,
    );
    return { id, clientId, secret };
  },
  audit: ({ name, canWrite }, { id, clientId }) => ({
    summary: `Created the API key “${name}”`,
    subject: `api-key:${id}`,
    details: { clientId, canWrite },
  }),
});

/** Ends a key for good: calls with its tokens are refused from now on. */
export const revokeApiKey = command({
  name: 'api-keys.revoke',
  scope: 'account',
  allow: 'admins',
  input: z.object({ apiKeyId: ApiKeyIdSchema }),
  run: async ({ tx, accountId }, { apiKeyId }) => {
    const revoked = await maybeOne<{ name: string }>(
      tx,
      sql`update api_key set revoked_at = now()
          where id = ${apiKeyId} and account_id = ${accountId} and revoked_at is null
          returning name`,
    );
    return revoked ?? refuse('not_found', 'This API key has been revoked already.');
  },
  audit: ({ apiKeyId }, { name }) => ({ summary: `Revoked the API key “${name}”`, subject: `api-key:${apiKeyId}` }),
});

export type ApiKeyView = {
  id: ApiKeyId;
  name: string;
  clientId: string;
  canWrite: boolean;
  /** Names; null: all. */
  sections: string[] | null;
  keyspaces: string[] | null;
  createdAt: Date;
  createdBy: string | null;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  /** Its last day is over. */
  ended: boolean;
};

/** The account's keys, the newest first; revoked ones last. */
export function listApiKeys(db: Db, accountId: AccountId): Promise<ApiKeyView[]> {
  return rows<ApiKeyView>(
    db,
    sql`
      select api_key.id, api_key.name, api_key.client_id as "clientId", api_key.can_write as "canWrite",
        case when not api_key.all_sections then (
          select coalesce(array_agg(section.name order by section.name), '{}')
          from api_key_section chosen join section on section.id = chosen.section_id
          where chosen.api_key_id = api_key.id
        ) end as sections,
        case when not api_key.all_keyspaces then (
          select coalesce(array_agg(keyspace.name order by keyspace.id), '{}')
          from api_key_keyspace chosen join keyspace on keyspace.id = chosen.keyspace_id
          where chosen.api_key_id = api_key.id
        ) end as keyspaces,
        api_key.created_at as "createdAt", app_user.name as "createdBy", expires_at as "expiresAt",
        last_used_at as "lastUsedAt", revoked_at as "revokedAt", coalesce(expires_at <= now(), false) as ended
      from api_key
      left join app_user on app_user.id = api_key.created_by
      where api_key.account_id = ${accountId}
      order by revoked_at is not null, api_key.id desc`,
  );
}

/** The key that these credentials are of, while it can be used. */
export async function checkClient(
  clientId: string,
  secret: string,
): Promise<{ apiKeyId: ApiKeyId; accountId: AccountId } | null> {
  const found = await maybeOne<{ apiKeyId: ApiKeyId; accountId: AccountId; secretHash: Buffer }>(
    pool(),
    sql`
      select id as "apiKeyId", account_id as "accountId", secret_hash as "secretHash"
      from api_key
      where client_id = ${clientId} and ${usable}`,
  );
  const { secretHash, ...client } = found ?? { secretHash: hashed(''), apiKeyId: null, accountId: null };
  const fits = timingSafeEqual(hashed(secret), secretHash);
  return fits && client.apiKeyId !== null ? client : null;
}

/** A secret has 256 random bits: a slow hash would add nothing. */
function hashed(secret: string): Buffer {
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

/** What the address of a call names, by discriminator, and the ids behind it: null where there is none in the account. */
export type Named = {
  section: string | null;
  keyspace: string | null;
  sectionId: SectionId | null;
  keyspaceId: KeyspaceId | null;
};

/** Who acts by a token of this key; null where the key can no longer be used. */
export async function loadClient(apiKeyId: ApiKeyId, from: Origin): Promise<ClientActor | null> {
  return (await loadCall(apiKeyId, { section: null, keyspace: null }, from))?.client ?? null;
}

/** Who calls, and what the address names: one look, anew for each call. Null where the key can no longer be used. */
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
      where id = ${apiKeyId} and ${usable}`,
    { prepare: true },
  );
  if (!found) return null;
  const { stale, sections, keyspaces, sectionId, keyspaceId, ...client } = found;
  if (stale) {
    await execute(
      pool(),
      sql`update api_key set last_used_at = now()
          where id = ${apiKeyId} and coalesce(last_used_at < now() - interval '1 minute', true)`,
    );
  }
  return {
    client: { kind: 'client', apiKeyId, ...client, sections: sections ?? 'all', keyspaces: keyspaces ?? 'all', from },
    named: { section, keyspace, sectionId, keyspaceId },
  };
}

type Call = { client: ClientActor; named: Named };

/** Calls that were loaded of late, by key and what they name. */
const recent = new Map<string, Call & { until: number }>();
const RECENT_MS = 30_000;
const RECENT_MAX = 10_000;

/**
 * The same from memory, where it was loaded in the last half minute: for calls whose command asks by itself, at the moment
 * of the change, whether the key can still be used. Nothing else of a key ever changes.
 */
export async function recallCall(
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
