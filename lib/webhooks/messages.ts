// Creates messages from the ledger: each webhook reads from its cursor up to where the ledger is settled, so that no change is
// missed or reported twice.
import type { KeyspaceId, OperationId, ProfileId, SectionId, TagId, WebhookId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { exportKey } from '@/lib/profiles/export-key';
import type { Keyspace } from '@/lib/profiles/schema';
import { lowWaterMark } from '@/lib/tags/low-water-mark';
import { sourceOf } from '@/lib/tags/source';
import { activeWebhook } from './queries';
import type { MessageType } from './schema';

/** Ledger rows per transaction. */
const STEP = 500;

type OutdatedWebhook = { sectionId: SectionId; id: WebhookId };
type Reader = OutdatedWebhook & {
  ledgerId: number;
  tagIds: TagId[] | null;
  keyspaceIds: KeyspaceId[] | null;
  section: string;
  /** Tags that some keyspace may not read. */
  restricted: TagId[];
  /** The keyspace Export, if the webhook names it: its keys are not rows. */
  exportKeyspace: Pick<Keyspace, 'id'> | null;
};

/** Advances every webhook. Returns the number of messages created. Safe to run in several processes at once. */
export async function makeMessages(): Promise<number> {
  const [some] = await rows(pool(), sql`select from webhook where ${activeWebhook()} limit 1`);
  if (!some) return 0;
  const settled = await lowWaterMark();
  const outdated = await rows<OutdatedWebhook>(
    pool(),
    sql`
      select section_id as "sectionId", id from webhook
      where ${activeWebhook()} and (
        ledger_id < ${settled}
        or exists (select from webhook_operation met where met.section_id = webhook.section_id and met.webhook_id = webhook.id)
      )`,
  );
  let made = 0;
  for (const webhook of outdated) {
    for (let step = { made: 0, more: true }; step.more; made += step.made) {
      step = await transaction((tx) => readOn(tx, webhook, settled));
    }
  }
  return made;
}

async function readOn(tx: Tx, webhook: OutdatedWebhook, settled: number): Promise<{ made: number; more: boolean }> {
  const reader = await maybeOne<Reader>(
    tx,
    sql`
      select webhook.section_id as "sectionId", webhook.id, ledger_id as "ledgerId", tag_ids as "tagIds",
        keyspace_ids as "keyspaceIds", section.discriminator as section,
        array(
          select distinct tag_id from tag_permission
          where tag_permission.section_id = ${webhook.sectionId} and not can_read
        ) as restricted,
        (
          select json_build_object('id', keyspace.id) from keyspace
          where keyspace.id = any(keyspace_ids) and keyspace.kind = 'export'
        ) as "exportKeyspace"
      from webhook
      join section on section.id = webhook.section_id
      where webhook.section_id = ${webhook.sectionId} and webhook.id = ${webhook.id} and ${activeWebhook()}
      for no key update of webhook skip locked`,
  );
  if (!reader) return { made: 0, more: false };
  const { scanned, last } = await scan(tx, reader, settled);
  const single = scanned.filter(({ operationId, keys }) => operationId === null && keys !== null);
  await addMessages(
    tx,
    reader,
    single.map((change) => ({
      type: change.applied ? 'tag.applied' : 'tag.removed',
      at: change.at,
      profileId: change.profileId,
      data: {
        section: reader.section,
        change_id: String(change.id),
        tag: change.tag,
        tag_name: change.tagName,
        profile_keys: change.keys?.map(({ profile_key: key, ...keyspace }) => ({
          ...keyspace,
          profile_key: key ?? exportKey(reader.sectionId, change.profileId),
        })),
        source: sourceOf(change.source),
      },
    })),
  );
  const met = new Set(scanned.flatMap(({ operationId }) => (operationId === null ? [] : [operationId])));
  await execute(
    tx,
    sql`insert into webhook_operation (section_id, webhook_id, operation_id)
        select ${reader.sectionId}::int, ${reader.id}::int, unnest(${[...met]}::int[])
        on conflict do nothing`,
  );
  await execute(
    tx,
    sql`update webhook set ledger_id = ${last} where section_id = ${reader.sectionId} and id = ${reader.id}`,
  );
  const more = scanned.length === STEP;
  const ended = more ? 0 : await reportEndedOperations(tx, reader, last);
  return { made: single.length + ended, more };
}

type Scanned = {
  id: number;
  at: Date;
  applied: boolean;
  tag: string;
  tagName: string;
  profileId: ProfileId;
  source: number;
  operationId: OperationId | null;
  /** The keys that the webhook may see; null if there are none. */
  keys: { keyspace_discriminator: string; profile_key: string | null }[] | null;
};

async function scan(tx: Tx, reader: Reader, settled: number): Promise<{ scanned: Scanned[]; last: number }> {
  const { sectionId, ledgerId } = reader;
  const scanned = await rows<Scanned>(
    tx,
    sql`
      with page as materialized (
        select * from tag_change
        where section_id = ${sectionId} and id > ${ledgerId} and id <= ${settled}
        order by id
        limit ${STEP}
      )
      select page.id, page.at, page.action = 1 as applied, tag.discriminator as tag, tag.name as "tagName",
        page.profile_id as "profileId", page.source,
        case when ${isReported(reader)} then page.operation_id end as "operationId",
        case when ${isReported(reader)} and page.operation_id is null then (
          select json_agg(json_build_object('keyspace_discriminator', keyspace.discriminator, 'profile_key', visible.key)
                          order by keyspace.id, visible.key)
          from (${visibleKeys(reader)}) visible
          join keyspace on keyspace.id = visible.keyspace_id
        ) end as keys
      from page
      join tag on tag.section_id = ${sectionId} and tag.id = page.tag_id
      order by page.id`,
  );
  return { scanned, last: scanned.length === STEP ? scanned.at(-1)!.id : settled };
}

/** `keyspace_id, key`: the keys of the profile of a row of `page` that the webhook may see with the tag; null for Export. */
function visibleKeys({ sectionId, keyspaceIds, exportKeyspace }: Reader): Sql {
  const readable = (keyspaceId: Sql) => sql`
    not exists (
      select from tag_permission permission
      where permission.section_id = ${sectionId} and permission.tag_id = page.tag_id
        and permission.keyspace_id = ${keyspaceId} and not permission.can_read
    )`;
  const stored = sql`
    select key.keyspace_id, key.key from profile_key key
    where key.section_id = ${sectionId} and key.profile_id = page.profile_id
      ${keyspaceIds === null ? sql`` : sql`and key.keyspace_id = any(${keyspaceIds}::int[])`}
      and ${readable(sql`key.keyspace_id`)}`;
  if (exportKeyspace === null) return stored;
  return sql`
    ${stored}
    union all
    select ${exportKeyspace.id}::int, null from profile
    where profile.section_id = ${sectionId} and profile.id = page.profile_id and ${readable(sql`${exportKeyspace.id}`)}`;
}

/**
 * Whether the webhook reports a row of `page` with its `tag`, alone or in the counts of a bulk operation. Reads keys only if some
 * might be excluded.
 */
function isReported(reader: Reader): Sql {
  const { tagIds, keyspaceIds, restricted } = reader;
  const keyed = sql`exists (${visibleKeys(reader)})`;
  return sql`(page.visible and tag.hidden_at is null
    ${tagIds === null ? sql`` : sql`and page.tag_id = any(${tagIds}::int[])`}
    and ${keyspaceIds === null ? sql`(page.tag_id <> all(${restricted}::int[]) or ${keyed})` : keyed})`;
}

type Ended = { id: OperationId; kind: string; status: string };
type ByTag = { tag: string; tag_name: string; applied: number; removed: number };

/** Creates one message for each bulk operation that has ended and whose rows have all been read. */
async function reportEndedOperations(tx: Tx, reader: Reader, last: number): Promise<number> {
  const { sectionId } = reader;
  const ended = await rows<Ended>(
    tx,
    sql`
      delete from webhook_operation met
      using operation
      where met.section_id = ${sectionId} and met.webhook_id = ${reader.id}
        and operation.section_id = ${sectionId} and operation.id = met.operation_id
        and operation.status in ('done', 'failed', 'cancelled')
        and not exists (
          select from tag_change later
          where later.section_id = ${sectionId} and later.operation_id = met.operation_id and later.id > ${last}
        )
      returning operation.id, operation.kind, operation.status`,
  );
  let created = 0;
  for (const operation of ended) {
    const byTag = await changesByTag(tx, reader, operation.id);
    // Nothing may be reported any more: Allowed Operations have changed, or its tags were hidden.
    if (byTag.length === 0) continue;
    created++;
    const [keyspace] = await visibleKeyspaces(tx, reader);
    await addMessages(tx, reader, [
      {
        type: 'tags.bulk_changed',
        at: new Date(),
        profileId: null,
        data: {
          section: reader.section,
          job_id: String(operation.id),
          kind: operation.kind,
          status: operation.status,
          summary: inWords(byTag),
          applied: sumOf(byTag, 'applied'),
          removed: sumOf(byTag, 'removed'),
          tags: byTag,
          changes: keyspace
            ? `/audience/keyspaces/${keyspace}/sections/${reader.section}/tag-changes?job_id=${operation.id}`
            : null,
        },
      },
    ]);
  }
  return created;
}

export const sumOf = (byTag: readonly ByTag[], what: 'applied' | 'removed'): number =>
  byTag.reduce((total, tag) => total + tag[what], 0);

/** Summarises what may be reported of a bulk operation; its own summary may name other tags. */
export function inWords(byTag: readonly ByTag[]): string {
  const count = (number: number, word: string) => (number > 0 ? [`${number.toLocaleString('en-GB')} ${word}`] : []);
  return byTag
    .map(
      (tag) => `“${tag.tag_name}”: ${[...count(tag.applied, 'applied'), ...count(tag.removed, 'removed')].join(', ')}`,
    )
    .join('; ');
}

function changesByTag(db: Db, reader: Reader, operationId: OperationId): Promise<ByTag[]> {
  return rows<ByTag>(
    db,
    sql`
      select tag.discriminator as tag, tag.name as tag_name, count(*) filter (where page.action = 1)::int as applied,
        count(*) filter (where page.action = -1)::int as removed
      from tag_change page
      join tag on tag.section_id = page.section_id and tag.id = page.tag_id
      where page.section_id = ${reader.sectionId} and page.operation_id = ${operationId} and ${isReported(reader)}
      group by tag.section_id, tag.id
      order by tag.name_key`,
  );
}

async function visibleKeyspaces(db: Db, { sectionId, keyspaceIds }: Reader): Promise<string[]> {
  const found = await rows<{ discriminator: string }>(
    db,
    sql`
      select keyspace.discriminator
      from section
      join keyspace on keyspace.account_id = section.account_id
      where section.id = ${sectionId} ${keyspaceIds === null ? sql`` : sql`and keyspace.id = any(${keyspaceIds}::int[])`}
      order by keyspace.id`,
  );
  return found.map(({ discriminator }) => discriminator);
}

type NewMessage = { type: MessageType; at: Date; profileId: ProfileId | null; data: object };

async function addMessages(tx: Tx, { sectionId, id }: Reader, messages: readonly NewMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const bodies = messages.map(({ type, at, data }) => JSON.stringify({ type, timestamp: at.toISOString(), data }));
  await execute(
    tx,
    sql`
      insert into webhook_message (section_id, webhook_id, message_id, type, body, profile_id)
      select ${sectionId}::int, ${id}::int, 'msg_' || gen_random_uuid(), type, body, profile_id
      from unnest(
        ${messages.map(({ type }) => type)}::text[], ${bodies}::text[],
        ${messages.map(({ profileId }) => profileId)}::bigint[]
      ) with ordinality message (type, body, profile_id, number)
      order by number`,
  );
}
