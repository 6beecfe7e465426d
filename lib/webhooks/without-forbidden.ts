// A message may wait for a day, and Allowed Operations may change in that time: its content is filtered again before it is sent.
import { z } from 'zod';
import type { SectionId, WebhookId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { inWords, sumOf } from './messages';

const TagCounts = z.object({ tag: z.string(), tag_name: z.string(), applied: z.number(), removed: z.number() });
/** The data of a message about one change. */
const One = z.looseObject({
  tag: z.string(),
  profile_keys: z.array(z.looseObject({ keyspace_discriminator: z.string() })),
});
/** The data of a message about a bulk operation. */
const Many = z.looseObject({ tags: z.array(TagCounts) });
const Envelope = z.looseObject({ data: z.unknown() });

type Message = { sectionId: SectionId; webhookId: WebhookId; body: string };

/** The part of the body that may still be reported: unchanged if that is everything; null if nothing is left. */
export async function withoutForbidden(message: Message): Promise<string | null> {
  const envelope = Envelope.parse(JSON.parse(message.body));
  const one = One.safeParse(envelope.data).data;
  const many = Many.safeParse(envelope.data).data;
  const tags = one ? [one.tag] : (many?.tags ?? []).map(({ tag }) => tag);
  // A test message names no tag.
  const closed = tags.length > 0 ? await closedKeyspaces(message, tags) : new Map<string, Closed>();
  if (closed.size === 0) return message.body;
  const left = one ? changeWithout(one, closed) : many && bulkWithout(many, closed);
  return left ? JSON.stringify({ ...envelope, data: left }) : null;
}

function changeWithout(change: z.output<typeof One>, closed: ReadonlyMap<string, Closed>): object | null {
  const unreadable = closed.get(change.tag)?.keyspaces ?? [];
  const keys = change.profile_keys.filter((key) => !unreadable.includes(key.keyspace_discriminator));
  return keys.length === 0 ? null : { ...change, profile_keys: keys };
}

function bulkWithout(bulk: z.output<typeof Many>, closed: ReadonlyMap<string, Closed>): object | null {
  const tags = bulk.tags.filter(({ tag }) => !closed.get(tag)?.all);
  if (tags.length === 0) return null;
  return { ...bulk, summary: inWords(tags), applied: sumOf(tags, 'applied'), removed: sumOf(tags, 'removed'), tags };
}

type Closed = { tag: string; keyspaces: string[]; all: boolean };

/**
 * The keyspaces that may not read a tag, by the tag's discriminator; `all`: that covers every keyspace of the webhook. Tags without
 * restrictions are absent.
 */
async function closedKeyspaces({ sectionId, webhookId }: Message, tags: string[]): Promise<Map<string, Closed>> {
  const found = await rows<Closed>(
    pool(),
    sql`
      select tag.discriminator as tag, array_agg(keyspace.discriminator) filter (where not permission.can_read) as keyspaces,
        bool_and(not coalesce(permission.can_read, true)) as all
      from tag
      join webhook on webhook.section_id = tag.section_id and webhook.id = ${webhookId}
      join section on section.id = tag.section_id
      join keyspace on keyspace.account_id = section.account_id
        and (webhook.keyspace_ids is null or keyspace.id = any(webhook.keyspace_ids))
      left join tag_permission permission
        on permission.section_id = tag.section_id and permission.tag_id = tag.id and permission.keyspace_id = keyspace.id
      where tag.section_id = ${sectionId} and tag.discriminator = any(${tags}::text[])
      group by tag.discriminator
      having bool_or(not permission.can_read)`,
  );
  return new Map(found.map((closed) => [closed.tag, closed]));
}
