// Exports of profiles for API clients: requested first, then read at download time, so that they show the data of that
// moment.
import { z } from 'zod';
import { actorApiKeyId, type Actor, type ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import { formatAttributeValue } from '@/lib/attributes/values';
import type { AttributeValues } from '@/lib/attributes/schema';
import {
  KeyspaceIdSchema,
  SectionIdSchema,
  TagIdSchema,
  type ApiKeyId,
  type KeyspaceId,
  type ProfileId,
  type SectionId,
  type TagId,
} from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, join, maybeOne, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { hashToken, newToken } from '@/lib/db/tokens';
import { csvLine } from '@/lib/export/csv';
import { namesAsText } from '@/lib/tags/name-list';
import { exportKey } from '@/lib/profiles/export-key';
import { forbiddenAttributes, reachableBy, requireAttributeAllowed, usableKeyspaces } from '@/lib/profiles/keyspace';
import { isEntered } from '@/lib/profiles/keys';
import { listKeyspaces } from '@/lib/profiles/queries';
import type { Keyspace } from '@/lib/profiles/schema';
import { allowedTag, findTags, TagRef } from '@/lib/profiles/allowed-operations';

const VALID_HOURS = 24;
const PAGE = 2_000;

const NameOnly = z.object({ name: z.string() });
const SpecSchema = z.object({
  keyspaces: z.array(NameOnly.extend({ id: KeyspaceIdSchema })).min(1),
  attributes: z.array(NameOnly.extend({ code: z.string() })),
  /** Tags get a column if they may be read through every keyspace in the file. */
  tags: z.boolean(),
  having: z.array(TagIdSchema),
});
type Spec = z.output<typeof SpecSchema>;

/** Requests an export: `{ id, token, expiresAt }`. */
export const requestExport = command({
  name: 'profiles.request-export',
  secret: true,
  scope: 'section',
  allow: 'readers',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaces: z.array(KeyspaceIdSchema).max(50).default([]),
    attributes: z.array(z.string().max(200)).max(500).optional(),
    tags: z.boolean(),
    having: z.array(TagRef).max(20).default([]),
  }),
  run: async ({ tx, actor, accountId }, { sectionId, keyspaces, attributes, tags, having }) => {
    const chosen = await keyspacesInFile(tx, actor, keyspaces);
    const known = await listAttributes(tx, sectionId);
    const closed = await forbiddenAttributes(tx, actor, accountId);
    const wanted = attributes?.map((ref) => {
      const attribute =
        known.find(({ id, discriminator }) => discriminator === ref || String(id) === ref) ??
        refuse('not_found', `There is no attribute “${ref}” in this section.`, { field: ref });
      requireAttributeAllowed(closed, attribute, ref);
      return attribute;
    });
    const open = known.filter(({ code, system }) => !(system && closed.has(code)));
    const spec: Spec = {
      keyspaces: chosen.map(({ id, name }) => ({ id, name })),
      attributes: (wanted ?? open).map(({ code, name }) => ({ code, name })),
      tags,
      having: await readableTags(tx, sectionId, chosen, having),
    };
    return saveRequest(tx, actor, sectionId, spec);
  },
  audit: (_input, { id }) => ({ summary: 'Requested an export of profiles', subject: `export:${id}` }),
});

/** Resolves the references to tags. Refuses unless each tag may be read through every one of the keyspaces. */
async function readableTags(
  db: Db,
  sectionId: SectionId,
  keyspaces: readonly Keyspace[],
  refs: readonly string[],
): Promise<TagId[]> {
  let ids: TagId[] = [];
  for (const keyspace of keyspaces) {
    const profileKey = { sectionId, keyspace };
    const found = await findTags(db, profileKey, refs);
    ids = refs.map((ref) => allowedTag(found, profileKey, ref, 'read'));
  }
  return ids;
}

/**
 * The requested keyspaces that the actor may use; if none are named, all except cookie ids and Export. Refuses if none
 * remain.
 */
export async function keyspacesInFile(tx: Tx, actor: Actor, wanted: readonly KeyspaceId[]): Promise<Keyspace[]> {
  const usable = await usableKeyspaces(tx, actor);
  const chosen = usable.filter(({ id, kind }) => (wanted.length === 0 ? isEntered(kind) : wanted.includes(id)));
  if (chosen.length === 0) refuse('not_found', 'This keyspace does not exist, or this API key may not use it.');
  return chosen;
}

/** A requested file. `token`: the secret part of its download address. `expiresAt`: ISO 8601. */
export type FileRequest = { id: number; token: string; expiresAt: string };

/** Stores what the file shall contain until it is downloaded, for up to a day. */
export async function saveRequest(tx: Tx, actor: Actor, sectionId: SectionId, spec: unknown): Promise<FileRequest> {
  const { token, tokenHash } = newToken();
  const { id, expiresAt } = await one<{ id: number; expiresAt: Date }>(
    tx,
    sql`
      insert into export_request (section_id, api_key_id, spec, token_hash, expires_at)
      values (${sectionId}, ${actorApiKeyId(actor)}, ${JSON.stringify(spec)}, ${tokenHash},
              ${new Date(Date.now() + VALID_HOURS * 3_600_000)})
      returning id, expires_at as "expiresAt"`,
  );
  return { id, token, expiresAt: new Date(expiresAt).toISOString() };
}

/** `spec`: what the file shall contain. */
export type Download<Of> = { sectionId: SectionId; apiKeyId: ApiKeyId; spec: Of };

/**
 * Finds the request for a download address while it is valid. Undefined if expired, unknown, or for a file of another
 * kind.
 */
export async function findRequest<Of>(
  shape: z.ZodType<Of>,
  id: number,
  token: string,
): Promise<Download<Of> | undefined> {
  const found = await maybeOne<Download<unknown>>(
    pool(),
    sql`
      select section_id as "sectionId", api_key_id as "apiKeyId", spec
      from export_request
      where id = ${id} and token_hash = ${hashToken(token)} and expires_at > now()`,
  );
  const spec = shape.safeParse(found?.spec);
  return found && spec.success ? { ...found, spec: spec.data } : undefined;
}

/** Finds the export for a download address while it is valid. */
export const findExport = (id: number, token: string) => findRequest(SpecSchema, id, token);

type Exported = { id: ProfileId; attributes: AttributeValues; keys: Record<string, string>; tags: string[] | null };

/** Makes titles unique within a file, mostly those of keyspaces: 'Mobile (attribute)' beside 'Mobile'. */
export function distinctTitles(others: readonly { name: string }[], names: readonly string[], what: string): string[] {
  const taken = new Set(others.map(({ name }) => name.toLowerCase()));
  return names.map((name) => (taken.has(name.toLowerCase()) ? `${name} (${what})` : name));
}

/**
 * The lines of the CSV file. For a client limited to keyspaces: only profiles with a key in one of them. Allowed
 * Operations are checked again, with the same refusals as at the request, because they may have changed since.
 */
export async function exportLines(
  client: ClientActor,
  { sectionId, spec }: Pick<Download<Spec>, 'sectionId' | 'spec'>,
): Promise<AsyncGenerator<string>> {
  const inFile = new Set(spec.keyspaces.map(({ id }) => id));
  const keyspaces = (await listKeyspaces(pool(), client.accountId)).filter(({ id }) => inFile.has(id));
  const having = await readableTags(pool(), sectionId, keyspaces, spec.having.map(String));
  const reachable = await reachableBy(pool(), client, sectionId);
  return linesOf(sectionId, { ...spec, keyspaces, having, reachable });
}

type Opened = Spec & { keyspaces: Keyspace[]; reachable: ((profileId: Sql) => Sql) | undefined };

/** Reads the profiles page by page. */
async function* linesOf(sectionId: SectionId, spec: Opened): AsyncGenerator<string> {
  yield csvLine([
    ...spec.keyspaces.map(({ name }) => name),
    ...distinctTitles(
      [...spec.keyspaces, { name: 'Tags' }],
      spec.attributes.map(({ name }) => name),
      'attribute',
    ),
    ...(spec.tags ? ['Tags'] : []),
  ]);
  for (let after = 0; ;) {
    const page = await readPage(pool(), sectionId, spec, after);
    yield page
      .map(({ id, keys, attributes, tags }) =>
        csvLine([
          ...keyCells(spec.keyspaces, { sectionId, id, keys }),
          ...spec.attributes.map(({ code }) => formatAttributeValue(attributes[code])),
          ...(spec.tags ? [namesAsText(tags ?? [])] : []),
        ]),
      )
      .join('');
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
}

type Keyed = { sectionId: SectionId; id: ProfileId; keys: Record<string, string> };

/** A profile's cells in the keyspace columns. `keys`: stored keys by keyspace id. */
export const keyCells = (keyspaces: readonly Keyspace[], { sectionId, id, keys }: Keyed): string[] =>
  keyspaces.map((keyspace) => (keyspace.kind === 'export' ? exportKey(sectionId, id) : (keys[keyspace.id] ?? '')));

/** `keyspace_id, keys`: a profile's keys; several keys in one keyspace (cookie ids) are joined by `|`. */
export const keysByKeyspace = (sectionId: SectionId, profileId: Sql): Sql => sql`
  select keyspace_id, string_agg(key, '|' order by key) as keys
  from profile_key
  where section_id = ${sectionId} and profile_id = ${profileId}
  group by keyspace_id`;

function readPage(db: Db, sectionId: SectionId, spec: Opened, after: number): Promise<Exported[]> {
  const keyspaceIds = spec.keyspaces.map(({ id }) => id);
  const conditions = [
    sql`profile.section_id = ${sectionId}`,
    sql`profile.id > ${after}`,
    ...(spec.reachable ? [spec.reachable(sql`profile.id`)] : []),
    ...spec.having.map(
      (tagId) => sql`exists (select from profile_tag held
        where held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = profile.id)`,
    ),
  ];
  return rows<Exported>(
    db,
    sql`
      with page as materialized (
        select profile.id, profile.attributes from profile
        where ${join(conditions, ' and ')}
        order by profile.id
        limit ${PAGE}
      )
      select page.id, page.attributes,
        coalesce((
          select json_object_agg(keyed.keyspace_id, keyed.keys) from (${keysByKeyspace(sectionId, sql`page.id`)}) keyed
        ), '{}') as keys,
        ${
          spec.tags
            ? sql`(
                select json_agg(tag.name order by tag.name_key)
                from profile_tag held
                join tag on tag.section_id = held.section_id and tag.id = held.tag_id and tag.hidden_at is null
                where held.section_id = ${sectionId} and held.profile_id = page.id
                  and not exists (
                    select from tag_permission permission
                    where permission.section_id = ${sectionId} and permission.tag_id = tag.id
                      and permission.keyspace_id = any(${keyspaceIds}::int[]) and not permission.can_read
                  )
              )`
            : sql`null`
        } as tags
      from page
      order by page.id`,
  );
}

/** Deletes expired requests. */
export async function removeOldExports(now = new Date()): Promise<void> {
  await execute(pool(), sql`delete from export_request where expires_at < ${now}`);
}
