// What profiles themselves store: keys, history, and which profiles were merged into them.
import { listAttributes } from '@/lib/attributes/queries';
import { displayValue } from '@/lib/attributes/display';
import type { AttributeType, AttributeValue, AttributeValues } from '@/lib/attributes/schema';
import type { KeyspaceId, SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Db } from '@/lib/db/sql';
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineEntry, TimelinePage } from '@/lib/followers/timeline';
import { throughOf } from '@/lib/tags/origin';
import { sourceInWords, sourceOf } from '@/lib/tags/source';
import { moveHistory } from './change';

/** The merge itself moves keys and values. */
export const dataFollower: ProfileFollower = {
  tables: ['profile_key', 'profile_change'],
  erase: noop,
  merge: (tx, { cause: { sectionId }, into, from }) => moveHistory(tx, sectionId, into, from),
  keepReasons: [
    {
      why: 'edited since',
      when: ({ sectionId, profileId, byOthers }) => sql`exists (
        select from profile_change change
        where change.section_id = ${sectionId} and change.profile_id = ${profileId} and ${byOthers(sql`change`)}
      )`,
    },
  ],
  timeline: { stream: 'data', words: 'Profile data', read: readDataLines },
};

export const mergeFollower: ProfileFollower = {
  tables: ['profile_merge'],
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`delete from profile_merge where section_id = ${sectionId} and into_id = any(${profileIds}::bigint[])`,
    );
  },
  merge: async (tx, { cause: { sectionId, userId, apiKeyId }, into, from }) => {
    await execute(
      tx,
      sql`update profile_merge set into_id = ${into}
          where section_id = ${sectionId} and into_id = any(${from}::bigint[])`,
    );
    await execute(
      tx,
      sql`insert into profile_merge (section_id, from_id, into_id, at, user_id, api_key_id)
          select ${sectionId}::int, unnest(${from}::bigint[]), ${into}::bigint, ${new Date()}::timestamptz,
            ${userId}::int, ${apiKeyId}::int`,
    );
  },
  keepReasons: [
    {
      why: 'merged with another profile since',
      when: ({ sectionId, profileId }) => sql`exists (
        select from profile_merge merged where merged.section_id = ${sectionId} and merged.into_id = ${profileId}
      )`,
    },
  ],
  timeline: { stream: 'merges', words: 'Merges', read: readMergeLines },
};

type DataLine = {
  id: number;
  at: Date;
  created: boolean;
  before: AttributeValues;
  after: AttributeValues;
  source: number;
  by: string | null;
  through: string | null;
};

async function readDataLines(db: Db, { sectionId, profileId, older, limit }: TimelinePage): Promise<TimelineEntry[]> {
  const found = await rows<DataLine>(
    db,
    sql`
      select change.id, change.at, change.created, change.before, change.after, change.source, app_user.name as by,
        ${throughOf(sectionId, sql`change`)} as through
      from (
        select change.*, 0 as holder_id
        from profile_change change
        where change.section_id = ${sectionId} and change.profile_id = ${profileId}
          and ${older(sql`change.at`, sql`change.id`)}
        order by change.at desc, change.id desc
        limit ${limit}
      ) change
      left join app_user on app_user.id = change.user_id
      order by change.at desc, change.id desc`,
  );
  const fieldOf = found.some(({ created }) => !created) ? await fieldsOfCodes(db, sectionId) : undefined;
  return found.map(({ id, at, created, before, after, source, by, through }) => ({
    id,
    at,
    icon: created ? 'created' : 'changed',
    about: null,
    what: created ? 'Profile created' : 'Profile changed',
    details: created ? [] : Object.entries(after).map(([code, value]) => changeOf(fieldOf!(code), before[code], value)),
    from: sourceInWords({ source: sourceOf(source), by, through }),
    undone: null,
  }));
}

type MergeLine = {
  id: number;
  at: Date;
  name: string;
  before: AttributeValues;
  after: AttributeValues;
  by: string | null;
  client: string | null;
  tags: string[];
};

/** A line for each profile merged into this one, with its tags and the values that were replaced. */
async function readMergeLines(db: Db, { sectionId, profileId, older, limit }: TimelinePage): Promise<TimelineEntry[]> {
  const found = await rows<MergeLine>(
    db,
    sql`
      select merged.from_id as id, merged.at, merged.name, merged.before, merged.after, app_user.name as by,
        api_key.name as client,
        array(
          select tag.name from tag
          where tag.section_id = ${sectionId} and tag.id = any(merged.tag_ids) and tag.hidden_at is null
          order by tag.name_key
        ) as tags
      from profile_merge merged
      left join app_user on app_user.id = merged.user_id
      left join api_key on api_key.id = merged.api_key_id
      where merged.section_id = ${sectionId} and merged.into_id = ${profileId}
        and ${older(sql`merged.at`, sql`merged.from_id`)}
      order by merged.at desc, merged.from_id desc
      limit ${limit}`,
  );
  const fieldOf = found.length > 0 ? await fieldsOfCodes(db, sectionId) : undefined;
  return found.map(({ id, at, name, before, after, by, client, tags }) => ({
    id,
    at,
    icon: 'merged',
    about: name || null,
    what: name ? 'merged into this profile' : 'Another profile merged into this one',
    details: [
      ...(tags.length > 0 ? [{ name: tags.length === 1 ? 'Tag' : 'Tags', after: tags.join(', ') }] : []),
      ...Object.entries(before).map(([code, value]) => changeOf(fieldOf!(code), value, after[code])),
    ],
    from: client === null ? sourceInWords({ source: 'merge', by, through: null }) : `API: ${client}`,
    undone: null,
  }));
}

type Field = { name: string; type: AttributeType };

const changeOf = ({ name, type }: Field, before: AttributeValue | undefined, after: AttributeValue | undefined) => ({
  name,
  before: displayValue(type, before),
  after: displayValue(type, after),
});

/** The names of the codes in a profile's history: attributes, and keys ('key:<keyspace id>'). */
async function fieldsOfCodes(db: Db, sectionId: SectionId): Promise<(code: string) => Field> {
  const attributes = await listAttributes(db, sectionId);
  const keyspaces = await rows<{ id: KeyspaceId; name: string }>(
    db,
    sql`select id, name from keyspace where account_id = (select account_id from section where id = ${sectionId})`,
  );
  const fields = new Map<string, Field>([
    ...attributes.map(({ code, name, type }) => [code, { name, type }] as const),
    ...keyspaces.map(({ id, name }) => [`key:${id}`, { name, type: 'text' }] as const),
  ]);
  return (code) => fields.get(code) ?? { name: 'A hidden attribute', type: 'text' };
}
