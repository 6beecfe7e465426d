// Imports by API clients: announced by column name, then the file is uploaded, then it runs as an import in the browser
// does.
import { isSupportedCountry } from 'libphonenumber-js';
import { z } from 'zod';
import { actorApiKeyId, type ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { mayUseKeyspace } from '@/lib/access/policy';
import { Refusal, refuse, type RefusalCode, type RefusalData, type Result } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import {
  KeyspaceIdSchema,
  SectionIdSchema,
  TagIdSchema,
  type TagId,
  type ApiKeyId,
  type ImportId,
  type SectionId,
} from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Db } from '@/lib/db/sql';
import { hashToken, newToken } from '@/lib/db/tokens';
import type { OperationStatus } from '@/lib/work/schema';
import { openKeyspace } from '@/lib/profiles/keyspace';
import { isEntered, KEY_ATTRIBUTES } from '@/lib/profiles/keys';
import { listKeyspaces } from '@/lib/profiles/queries';
import { allowedTag, findTags, mayReadAll, TagRef, withoutChanges } from '@/lib/profiles/allowed-operations';
import { fileAsRead, type FileAsRead } from '@/lib/imports/as-read';
import { saveMapping, startImport } from '@/lib/imports/commands';
import { numberedNames, type FileFormat } from '@/lib/imports/format';
import { columnAt } from '@/lib/imports/locate';
import { listLeftOut } from '@/lib/imports/left-out';
import { getImport, listRejects } from '@/lib/imports/queries';
import {
  ChangeFormatSchema,
  MappingSchema,
  NotationChoiceSchema,
  problemsIn,
  type ColumnTarget,
  type Mapping,
} from '@/lib/imports/schema';
import { changeFormat, checkFile, discardImport, uploadFile } from '@/lib/imports/stage';

/** How long after the announcement a file can be uploaded. Hours. */
const OPEN_HOURS = 24;
const PENDING_MAX = 3;
/** Each sheet costs one full read of the workbook. */
const SHEETS_MAX = 20;
const TEMPORARY: ReadonlySet<RefusalCode> = new Set(['too_many_requests', 'unavailable']);
/** Bytes. */
export const REQUEST_FILE_MAX = 50 * 1_048_576;

const column = z.string().min(1).max(200);

const RequestInput = z.object({
  sectionId: SectionIdSchema,
  /** The first key identifies the profile of each row. */
  keys: z
    .array(z.object({ column, keyspaceId: KeyspaceIdSchema }))
    .min(1)
    .max(20),
  attributes: z.array(z.object({ column, ref: z.string().max(200), ...NotationChoiceSchema.shape })).max(500),
  tags: z.array(z.object({ column, ref: TagRef })).max(50),
  apply: z.array(TagRef).max(50),
  remove: z.array(TagRef).max(50),
  updateExisting: z.boolean(),
  clearExisting: z.boolean(),
  startsFlows: z.boolean().default(false),
  /** The country of mobile numbers without a country code. */
  country: z
    .string()
    .refine(isSupportedCountry, 'The country is not an ISO 3166-1 code of two letters, such as SE.')
    .optional(),
  /** What the client says about the file's format. */
  file: ChangeFormatSchema.shape.format.default({}),
});

/** The stored request: tags and attributes by id, columns still by name. */
const SpecSchema = z.object({
  keys: RequestInput.shape.keys,
  attributes: z.array(z.object({ column, code: z.string(), ...NotationChoiceSchema.shape })),
  tags: z.array(z.object({ column, tagId: TagIdSchema })),
  apply: z.array(TagIdSchema),
  remove: z.array(TagIdSchema),
  updateExisting: z.boolean(),
  clearExisting: z.boolean(),
  startsFlows: z.boolean().default(false),
  country: RequestInput.shape.country,
  file: RequestInput.shape.file,
});
type Spec = z.output<typeof SpecSchema>;

/** Announces an import: `{ id, token, expiresAt }`. The token authorises the upload. */
export const requestImport = command({
  name: 'imports.request',
  secret: true,
  scope: 'section',
  allow: 'everyone',
  input: RequestInput,
  run: async ({ tx, actor, accountId }, { sectionId, keys, attributes, tags, apply, remove, ...options }) => {
    const [match] = keys as [(typeof keys)[number]];
    const profileKey = await openKeyspace(tx, actor, accountId, { sectionId, keyspaceId: match.keyspaceId });
    const found = await findTags(tx, profileKey, [...tags.map(({ ref }) => ref), ...apply, ...remove]);
    const tagId = (ref: string) => allowedTag(found, profileKey, ref, 'write');
    const known = await listAttributes(tx, sectionId);
    const keyspaces = await listKeyspaces(tx, accountId);
    const allKeys = [...keys];
    const spec: Spec = {
      ...options,
      keys: allKeys,
      attributes: attributes.flatMap(({ ref, ...chosen }) => {
        const attribute = known.find(({ id, discriminator }) => discriminator === ref || String(id) === ref);
        if (!attribute) return refuse('not_found', `There is no attribute “${ref}” in this section.`, { field: ref });
        const followed = keyspaces.find(({ kind }) => attribute.system && KEY_ATTRIBUTES[kind] === attribute.code);
        if (!followed) return [{ ...chosen, code: attribute.code }];
        // The attribute follows a key, so its column is the key's: one that is listed already, or an additional one.
        const isThere = keys.some(
          ({ column: name, keyspaceId }) => name === chosen.column && keyspaceId === followed.id,
        );
        if (!isThere) allKeys.push({ column: chosen.column, keyspaceId: followed.id });
        return [];
      }),
      tags: tags.map(({ column: name, ref }) => ({ column: name, tagId: tagId(ref) })),
      apply: apply.map(tagId),
      remove: remove.map(tagId),
    };
    for (const { column: name, keyspaceId } of allKeys) {
      const { keyspace } = await openKeyspace(tx, actor, accountId, { sectionId, keyspaceId });
      if (!isEntered(keyspace.kind)) {
        refuse('invalid', `Keys of the keyspace ${keyspace.name} cannot be imported.`, { field: name });
      }
    }
    requireOneUse(spec);
    await requireFewPending(tx, actor.accountId);
    const { token, tokenHash } = newToken();
    const { id, expiresAt } = await one<{ id: number; expiresAt: Date }>(
      tx,
      sql`
        insert into import_request (section_id, api_key_id, spec, token_hash, expires_at)
        values (${sectionId}, ${actorApiKeyId(actor)}, ${JSON.stringify(spec)}, ${tokenHash},
                ${new Date(Date.now() + OPEN_HOURS * 3_600_000)})
        returning id, expires_at as "expiresAt"`,
    );
    return { id, token, expiresAt: new Date(expiresAt).toISOString() };
  },
  audit: () => null,
});

/**
 * Refuses a request that fits no file: one column with two uses (other than a key and an attribute), or two columns for
 * one thing.
 */
function requireOneUse({ keys, attributes, tags }: Spec): void {
  const uses: { column: string; kind: 'key' | 'attribute' | 'tag'; target: string }[] = [
    ...keys.map(({ column: name, keyspaceId }) => ({
      column: name,
      kind: 'key' as const,
      target: `key ${keyspaceId}`,
    })),
    ...attributes.map(({ column: name, code }) => ({ column: name, kind: 'attribute' as const, target: code })),
    ...tags.map(({ column: name, tagId }) => ({ column: name, kind: 'tag' as const, target: `tag ${tagId}` })),
  ];
  for (const [index, use] of uses.entries()) {
    const earlier = uses.slice(0, index);
    const twice = earlier.find(({ target }) => target === use.target);
    if (twice) {
      refuse(
        'invalid',
        `The columns “${twice.column}” and “${use.column}” are mapped to the same ${use.kind}. Map it once.`,
      );
    }
    const same = earlier.filter(({ column: name }) => name === use.column);
    if (same.some(({ kind }) => kind === use.kind || kind === 'tag' || use.kind === 'tag')) {
      refuse(
        'invalid',
        `The column “${use.column}” is mapped to several things. A column can only be mapped twice if it is a key and an attribute.`,
        { field: use.column },
      );
    }
  }
}

async function requireFewPending(db: Db, accountId: number): Promise<void> {
  // Serialised, so that concurrent requests do not all read the same count.
  await execute(db, sql`select pg_advisory_xact_lock(hashtext('tagwell: announced imports'), ${accountId})`);
  const { pending } = await one<{ pending: number }>(
    db,
    sql`
      select count(*) as pending
      from import_request request
      join api_key on api_key.id = request.api_key_id
      left join import on import.section_id = request.section_id and import.id = request.import_id
      left join operation on operation.section_id = import.section_id and operation.id = import.operation_id
      where api_key.account_id = ${accountId} and request.error is null
        and case when request.import_id is null then request.expires_at > now()
                 else coalesce(operation.status, 'queued') in ('queued', 'running') end`,
  );
  if (pending >= PENDING_MAX) {
    refuse(
      'too_many_requests',
      `At most ${PENDING_MAX} imports can wait at once. Upload their files, or wait for them.`,
    );
  }
}

export type WaitingImport = { sectionId: SectionId; apiKeyId: ApiKeyId };

/** Finds the request for an upload while it still waits for its file. */
export function findWaiting(id: number, token: string): Promise<WaitingImport | undefined> {
  return maybeOne<WaitingImport>(
    pool(),
    sql`
      select section_id as "sectionId", api_key_id as "apiKeyId"
      from import_request
      where id = ${id} and token_hash = ${hashToken(token)} and import_id is null and error is null and expires_at > now()`,
  );
}

/** Receives the file of a request and starts the import. Problems with the file are stored as the request's error. */
export async function receiveFile(
  actor: ClientActor,
  { sectionId, id, fileName, signal }: { sectionId: SectionId; id: number; fileName: string; signal?: AbortSignal },
  body: AsyncIterable<Uint8Array>,
): Promise<Result<{ importId: ImportId }>> {
  const spec = await specOf(sectionId, id);
  const { sheet, ...choice } = spec.file;
  const file = { choice, sheet, named: namesIn(spec) };
  // These failures do not come from the file and may be temporary: the client can send the same file again.
  const isTemporary = ({ code }: RefusalData) => signal?.aborted === true || TEMPORARY.has(code);
  const uploaded = await uploadFile(actor, { sectionId, fileName, maxBytes: REQUEST_FILE_MAX, signal, ...file }, body);
  if (!uploaded.ok) return isTemporary(uploaded.refusal) ? uploaded : fail(sectionId, id, uploaded.refusal);
  const importId = uploaded.value.id;
  const taken = await execute(
    pool(),
    sql`update import_request set import_id = ${importId}
        where section_id = ${sectionId} and id = ${id} and import_id is null`,
  );
  const started =
    taken === 0
      ? ({ ok: false, refusal: { code: 'conflict', message: 'The file of this import has already arrived.' } } as const)
      : await start(actor, { sectionId, importId, spec, signal });
  if (started.ok) return { ok: true, value: { importId } };
  await execute(
    pool(),
    sql`update import_request set import_id = null where section_id = ${sectionId} and id = ${id} and import_id = ${importId}`,
  );
  await discardImport(actor, { sectionId, importId });
  return taken === 0 || isTemporary(started.refusal) ? started : fail(sectionId, id, started.refusal);
}

/** A row and its rejection reasons. `row`: counted from 1; the cursor of the next page. */
export type RowReasons = { row: number; line: number; reasons: string[] };

/**
 * The rows of a client's import that were rejected, or had values left out, in file order. Undefined unless the client
 * may use every keyspace of the import, because reasons quote cells.
 */
export async function listRequestRows(
  db: Db,
  client: ClientActor,
  { sectionId, id, outcome }: { sectionId: SectionId; id: number; outcome: 'rejected' | 'left_out' },
  page: { after: number; limit: number },
): Promise<RowReasons[] | undefined> {
  const found = await maybeOne<{ spec: unknown; importId: ImportId | null }>(
    db,
    sql`select spec, import_id as "importId" from import_request where section_id = ${sectionId} and id = ${id}`,
  );
  if (!found || !SpecSchema.parse(found.spec).keys.every(({ keyspaceId }) => mayUseKeyspace(client, keyspaceId)))
    return undefined;
  const { importId } = found;
  if (importId === null) return [];
  if (outcome === 'left_out') {
    const rows = await listLeftOut(db, { sectionId, importId }, page);
    return rows.map(({ row, line, reasons }) => ({ row, line, reasons }));
  }
  const rows = await listRejects(db, sectionId, importId, page);
  return rows.map((reject) => ({ row: reject.row, line: reject.line, reasons: problemsIn(reject) }));
}

type Received = { sectionId: SectionId; importId: ImportId; spec: Spec; signal?: AbortSignal };

async function start(actor: ClientActor, { sectionId, importId, spec, signal }: Received): Promise<Result<unknown>> {
  if (spec.file.sheet === undefined) await chooseSheet(actor, { sectionId, importId, spec, signal });
  const checked = await checkFile(actor, { sectionId, importId });
  if (!checked.ok) return checked;
  const { error } = checked.value;
  if (error !== null) return { ok: false, refusal: { code: 'invalid', message: error } };
  const writable = await requireStillWritable(actor, sectionId, spec);
  if (!writable.ok) return writable;
  const { format } = (await getImport(pool(), sectionId, importId))!;
  const mapping = mappingOf(spec, format);
  if ('unclear' in mapping) return { ok: false, refusal: { code: 'invalid', message: mapping.unclear } };
  if ('missing' in mapping) {
    const others = (format.sheets ?? []).filter((sheet) => sheet !== format.sheet);
    const where =
      others.length > 0 ? `Line ${format.startLine} of the sheet “${format.sheet}”` : `Line ${format.startLine}`;
    const sheets =
      others.length > 0 ? ` The other sheets are: ${others.join(', ')}. Name the right one as file.sheet.` : '';
    const message = `The file has no column “${mapping.missing}”. ${where} has: ${format.columns.join(', ')}. If the header is on another line, give its number as file.header_row.${sheets}`;
    return { ok: false, refusal: { code: 'invalid', message } };
  }
  const saved = await saveMapping(actor, { sectionId, importId, mapping });
  return saved.ok ? startImport(actor, { sectionId, importId }) : saved;
}

/**
 * If the request names no sheet: the first one that has all requested columns, otherwise the one that has been read.
 */
async function chooseSheet(actor: ClientActor, { sectionId, importId, spec, signal }: Received): Promise<void> {
  const formatNow = async () => (await getImport(pool(), sectionId, importId))!.format;
  const fits = async () => !('missing' in mappingOf(spec, await formatNow()));
  const { sheets = [], sheet: first } = await formatNow();
  if (first === undefined || sheets.length < 2 || (await fits())) return;
  const read = (sheet: string) =>
    changeFormat(actor, { sectionId, importId, format: { ...spec.file, sheet }, named: namesIn(spec) }, { signal });
  for (const sheet of sheets.slice(0, SHEETS_MAX)) {
    if (sheet !== first && (await read(sheet)).ok && (await fits())) return;
  }
  await read(first);
}

/** Refuses unless the tags may still be written: Allowed Operations may have changed since the announcement. */
async function requireStillWritable(actor: ClientActor, sectionId: SectionId, spec: Spec): Promise<Result<null>> {
  try {
    const profileKey = await openKeyspace(pool(), actor, actor.accountId, {
      sectionId,
      keyspaceId: spec.keys[0]!.keyspaceId,
    });
    const refs = tagsOf(spec).map(String);
    const found = await findTags(pool(), profileKey, refs);
    for (const ref of refs) allowedTag(found, profileKey, ref, 'write');
    return { ok: true, value: null };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, refusal: error.toData() };
    throw error;
  }
}

const tagsOf = ({ tags, apply, remove }: Spec): TagId[] => [...tags.map(({ tagId }) => tagId), ...apply, ...remove];

async function specOf(sectionId: SectionId, id: number): Promise<Spec> {
  const { spec } = await one<{ spec: unknown }>(
    pool(),
    sql`select spec from import_request where section_id = ${sectionId} and id = ${id}`,
  );
  return SpecSchema.parse(spec);
}

/** The column names in the request. */
function namesIn({ keys, attributes, tags }: Spec): string[] {
  return [...new Set([...keys, ...attributes, ...tags].map(({ column: name }) => name))];
}

/** Maps the file's columns. Otherwise returns the first missing column, or why a name is ambiguous. */
function mappingOf(spec: Spec, format: FileFormat): Mapping | { missing: string } | { unclear: string } {
  const { columns } = format;
  const unclear = unclearName(namesIn(spec), format);
  if (unclear !== undefined) return { unclear };
  const targets: ColumnTarget[] = columns.map(() => ({ to: 'nothing' }));
  const withKey = new Map(spec.keys.map(({ column: name, keyspaceId }) => [name, keyspaceId]));
  const wanted: [string, ColumnTarget][] = [
    ...spec.keys.map(({ column: name, keyspaceId }): [string, ColumnTarget] => [name, { to: 'key', keyspaceId }]),
    ...spec.attributes.map(({ column: name, ...attribute }): [string, ColumnTarget] => {
      const keyspaceId = withKey.get(name);
      return [
        name,
        keyspaceId === undefined ? { to: 'attribute', ...attribute } : { to: 'key', keyspaceId, code: attribute.code },
      ];
    }),
    ...spec.tags.map(({ column: name, tagId }): [string, ColumnTarget] => [name, { to: 'tag', tagId }]),
  ];
  for (const [name, target] of wanted) {
    const index = columnAt(format, name);
    if (index < 0) return { missing: name };
    targets[index] = target;
  }
  return MappingSchema.parse({
    match: spec.keys[0]!.keyspaceId,
    columns: targets,
    country: spec.country ?? null,
    apply: spec.apply,
    remove: spec.remove,
    rows: spec.updateExisting ? 'all' : 'new',
    erase: spec.clearExisting,
    startsFlows: spec.startsFlows,
  });
}

/** Why a name can mean several columns, or why two names mean the same column; undefined if neither. */
function unclearName(names: readonly string[], { columns, repeated = [], startLine }: FileFormat): string | undefined {
  const used = new Map<number, string>();
  for (const name of names) {
    const index = columnAt({ columns, repeated }, name);
    const other = index < 0 ? undefined : used.get(index);
    if (other !== undefined) return `“${other}” and “${name}” are the same column. Use only one of the two names.`;
    used.set(index, name);
  }
  for (const name of repeated) {
    const numbered = numberedNames(columns, name);
    // If the request addresses the second column by number, the plain name means the first.
    if (!names.includes(name) || numbered.some((item) => names.includes(item))) continue;
    return `“${name}” occurs ${numbered.length === 2 ? 'twice' : `${numbered.length} times`} on line ${startLine}: write ${numbered.map((item) => `“${item}”`).join(', ')} for the one you mean, counted from the left.`;
  }
  return undefined;
}

async function fail(
  sectionId: SectionId,
  id: number,
  refusal: RefusalData,
): Promise<{ ok: false; refusal: RefusalData }> {
  await execute(
    pool(),
    sql`update import_request set error = ${refusal.message} where section_id = ${sectionId} and id = ${id}`,
  );
  return { ok: false, refusal };
}

export type RequestView = {
  error: string | null;
  expired: boolean;
  importId: ImportId | null;
  operationStatus: OperationStatus | null;
  operationError: string | null;
  counts: Record<string, number>;
  /** How the file was read; null before the upload. */
  file: FileAsRead | null;
};

/**
 * The progress of a client's import. The numbers of tags changed, or present already, are left out unless every tag may
 * be read through the keyspace that identifies profiles: they would reveal who has a tag.
 */
export async function getRequest(
  db: Db,
  client: ClientActor,
  sectionId: SectionId,
  id: number,
): Promise<RequestView | undefined> {
  const found = await maybeOne<Omit<RequestView, 'file'> & { spec: unknown }>(
    db,
    sql`
      select request.spec, request.error, request.import_id is null and request.expires_at <= now() as expired,
        request.import_id as "importId", operation.status as "operationStatus", operation.error as "operationError",
        coalesce(operation.counts, '{}') as counts
      from import_request request
      left join import on import.section_id = request.section_id and import.id = request.import_id
      left join operation on operation.section_id = import.section_id and operation.id = import.operation_id
      where request.section_id = ${sectionId} and request.id = ${id}`,
  );
  if (!found) return undefined;
  const { spec: kept, ...request } = found;
  const spec = SpecSchema.parse(kept);
  const { keyspaceId } = spec.keys[0]!;
  if (!mayUseKeyspace(client, keyspaceId)) return undefined;
  const profileKey = await openKeyspace(db, client, client.accountId, { sectionId, keyspaceId });
  const of = request.importId === null ? undefined : await getImport(db, sectionId, request.importId);
  const file = of?.operationId ? await fileAsRead(db, sectionId, of) : null;
  const counts = (await mayReadAll(db, profileKey, tagsOf(spec))) ? request.counts : withoutChanges(request.counts);
  return { ...request, counts, file };
}
