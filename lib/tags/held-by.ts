// Which integration lists hold a tag now. A list that an Admin has let go no longer counts: its tag is an ordinary one.
import type { ConnectionId, SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';
import { SOURCES } from './source';

/** A list that holds a tag: 'Dynamics: Trade Show'. `connectionId`: null for people who may not see connections. */
export type HoldingList = { name: string; connectionId: ConnectionId | null };

/** The name of a list with its connection's. For statements with `connection` and `list`. */
export const LIST_NAME = sql`connection.name || ': ' || list.name`;

/** Joins to `claim` the list that made it and its connection. Drops the claims of lists that were let go. */
export const joinLists = (sectionId: SectionId): Sql => sql`
  join connection_list list
    on list.section_id = ${sectionId} and list.holder_id = claim.holder_id and list.status <> 'left'
  join connection on connection.section_id = ${sectionId} and connection.id = list.connection_id`;

/** The lists that hold the tag on the profile, by name, as JSON: `HoldingList[]`. */
export const listsHolding = (sectionId: SectionId, profileId: Sql, tagId: Sql): Sql => sql`
  coalesce((
    select json_agg(json_build_object('name', ${LIST_NAME}, 'connectionId', connection.id) order by ${LIST_NAME})
    from tag_claim claim
    ${joinLists(sectionId)}
    where claim.section_id = ${sectionId} and claim.tag_id = ${tagId} and claim.profile_id = ${profileId}
      and not claim.suppressed
  ), '[]')`;

/** The source of the direct claim: the last one that was not an undo. */
export const directSource = (sectionId: SectionId, profileId: Sql, tagId: Sql): Sql => sql`(
  select entry.source from tag_change entry
  where entry.section_id = ${sectionId} and entry.profile_id = ${profileId} and entry.tag_id = ${tagId}
    and entry.holder_id = 0 and entry.action = 1 and entry.source <> ${SOURCES.undo}
  order by entry.id desc
  limit 1)`;
