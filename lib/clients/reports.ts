// Reports for API clients: a CSV file of the profiles in some segments and which of these each is in. Requested first,
// then read at download time, so that they show the segments and data of that moment.
import { z } from 'zod';
import type { Actor, ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { KeyspaceIdSchema, SectionIdSchema, type ProfileId, type SectionId, type TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { join, sql, type Db, type Sql } from '@/lib/db/sql';
import { csvOf, requireDownloadSlot } from '@/lib/profiles/download';
import {
  findRequest,
  saveRequest,
  keyCells,
  keysByKeyspace,
  keyspacesInFile,
  distinctTitles,
  type Download,
} from './exports';
import { reachableBy } from '@/lib/profiles/keyspace';
import { listKeyspaces } from '@/lib/profiles/queries';
import type { Keyspace } from '@/lib/profiles/schema';
import type { OpenSegment } from '@/lib/segments/definitions';
import { conditionsIn, openAllByRef, requireReadable } from './segments';
import { membersOf } from '@/lib/segments/members';
import { WHOLE_MAX } from '@/lib/segments/whole-size';

export const REPORT_SEGMENTS_MAX = 50;

/** `segments`: discriminators, in the order of the columns. */
const SpecSchema = z.object({
  keyspaces: z.array(KeyspaceIdSchema).min(1),
  segments: z.array(z.string()).min(1),
});
type Spec = z.output<typeof SpecSchema>;

/**
 * Requests a report: `{ id, token, expiresAt }`, and the tags that it reads. Every tag that the segments use must be
 * readable through each keyspace.
 */
export const requestReport = command({
  name: 'segments.request-report',
  secret: true,
  scope: 'section',
  allow: 'readers',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaces: z.array(KeyspaceIdSchema).max(50).default([]),
    segments: z
      .array(z.string().max(300))
      .min(1, 'Name at least one segment.')
      .max(REPORT_SEGMENTS_MAX, `At most ${REPORT_SEGMENTS_MAX} segments a report.`),
  }),
  run: async ({ tx, actor }, { sectionId, keyspaces, segments }) => {
    const chosen = await keyspacesInFile(tx, actor, keyspaces);
    const { opened, ruleTags } = await openReport(tx, actor, sectionId, chosen, segments);
    const spec: Spec = {
      keyspaces: chosen.map(({ id }) => id),
      segments: opened.map(({ discriminator }) => discriminator),
    };
    return { ...(await saveRequest(tx, actor, sectionId, spec)), keyspaceIds: spec.keyspaces, tagIds: ruleTags };
  },
  audit: (_input, { id }) => ({ summary: 'Requested a report on segments', subject: `export:${id}` }),
});

async function openReport(
  db: Db,
  actor: Actor,
  sectionId: SectionId,
  keyspaces: readonly Keyspace[],
  refs: readonly string[],
): Promise<{ opened: OpenSegment[]; ruleTags: TagId[] }> {
  const opened = await openAllByRef(db, sectionId, refs);
  let ruleTags: TagId[] = [];
  for (const keyspace of keyspaces) ruleTags = await requireReadable(db, actor, { sectionId, keyspace }, opened);
  const conditions = opened.reduce((sum, segment) => sum + conditionsIn(segment), 0);
  if (conditions > WHOLE_MAX.conditions) {
    refuse(
      'invalid',
      `These segments have ${conditions.toLocaleString('en-GB')} conditions in total; a report can have ${WHOLE_MAX.conditions.toLocaleString('en-GB')}. Request fewer segments at once.`,
    );
  }
  return { opened, ruleTags };
}

/** Finds the report for a download address while it is valid. */
export const findReport = (id: number, token: string) => findRequest(SpecSchema, id, token);

/**
 * The lines of the file: the profiles in at least one of the segments (for a client limited to keyspaces: only those
 * with a key in one of them), their keys, and `true` or `false` for each segment. Everything is checked again, with the
 * same refusals as at the request; too many concurrent downloads are refused too.
 */
export async function reportLines(
  client: ClientActor,
  { sectionId, spec }: Download<Spec>,
  signal?: AbortSignal,
): Promise<AsyncGenerator<string>> {
  const known = await listKeyspaces(pool(), client.accountId);
  const keyspaces = known.filter(({ id }) => spec.keyspaces.includes(id));
  const { opened } = await openReport(pool(), client, sectionId, keyspaces, spec.segments);
  requireDownloadSlot(client);
  const reachable = await reachableBy(pool(), client, sectionId);
  const titles = opened.map(({ name }) => name);
  return csvOf<Member>(
    [...keyspaces.map(({ name }) => name), ...distinctTitles(keyspaces, titles, 'segment')],
    membership(sectionId, opened, reachable?.(sql`found.profile_id`)),
    ([inside, keys, id]) => [
      ...keyCells(keyspaces, { sectionId, id, keys }),
      ...opened.map((_segment, index) => String(inside.includes(index))),
    ],
    { actor: client, signal },
  );
}

/** A profile's segments (by index in the list), its keys by keyspace, and its id. */
type Member = [inside: number[], keys: Record<string, string>, id: ProfileId];

function membership(sectionId: SectionId, opened: readonly OpenSegment[], reachable: Sql = sql`true`): Sql {
  const now = new Date();
  const members = opened.map(
    (segment, index) => sql`
      select member.profile_id, ${index}::int as segment from (${membersOf(sectionId, segment, { now })}) member`,
  );
  return sql`
    select found.segments, coalesce((
      select json_object_agg(keyed.keyspace_id, keyed.keys)
      from (${keysByKeyspace(sectionId, sql`found.profile_id`)}) keyed
    ), '{}'), found.profile_id
    from (
      select member.profile_id, array_agg(member.segment) as segments
      from (${join(members, '\nunion all\n')}) member
      group by member.profile_id
    ) found
    where ${reachable}
    order by found.profile_id`;
}
