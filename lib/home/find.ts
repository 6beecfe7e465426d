// Finds things of a section by a part of their names, for the command palette. (People: lib/profiles.)
import type { SectionId, UserId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { matchScore, searchable } from '@/lib/naming/word-search';
import { matchingChoices } from '@/lib/tags/choices';

export const FOUND_KINDS = ['tag', 'segment', 'message', 'form', 'flow', 'import', 'connection'] as const;
export type FoundKind = (typeof FOUND_KINDS)[number];

/** `path`: below the section's address. */
export type Found = { kind: FoundKind; id: number; name: string; path: string };

/** Answers hold so many, and so many of one kind. */
const FOUND_MAX = 20;
const OF_A_KIND = 6;
/** Names of one kind that are looked through, newest first. */
const LOOKED_THROUGH = 2_000;

const PATHS: Record<FoundKind, string> = {
  tag: '/tags',
  segment: '/segments',
  message: '/messages',
  form: '/forms',
  flow: '/flows',
  import: '/imports',
  connection: '/settings/integrations',
};

/** What matches best comes first: words in any order, accents and a wrong letter forgiven. `withConnections`: for those who may see them. */
export async function findThings(
  db: Db,
  sectionId: SectionId,
  { text, userId, withConnections }: { text: string; userId: UserId | null; withConnections: boolean },
): Promise<Found[]> {
  const wanted = searchable(text);
  if (wanted.key === '') return [];
  const tags = await matchingChoices(db, sectionId, { text, userId });
  const named = await rows<{ kind: FoundKind; id: number; name: string }>(
    db,
    sql`
      (select 'segment' as kind, id::int, name from segment where section_id = ${sectionId} order by id desc limit ${LOOKED_THROUGH})
      union all
      (select 'message', id::int, name from message
       where section_id = ${sectionId} and deleted_at is null order by id desc limit ${LOOKED_THROUGH})
      union all
      (select 'form', id::int, name from form
       where section_id = ${sectionId} and deleted_at is null order by id desc limit ${LOOKED_THROUGH})
      union all
      (select 'flow', id::int, name from flow
       where section_id = ${sectionId} and deleted_at is null order by id desc limit ${LOOKED_THROUGH})
      union all
      (select 'import', id::int, file_name from import
       where section_id = ${sectionId} and status <> 'uploading' order by id desc limit ${LOOKED_THROUGH})
      union all
      (select 'connection', id::int, name from connection
       where section_id = ${sectionId} and status <> 'removed' and ${withConnections} order by id desc limit ${LOOKED_THROUGH})`,
  );
  const all = [...tags.map(({ id, name }) => ({ kind: 'tag' as const, id: Number(id), name })), ...named];
  const scored = all.flatMap((thing) => {
    const score = matchScore(wanted, searchable(thing.name));
    return score > 0 ? [{ ...thing, score }] : [];
  });
  const found: Found[] = [];
  const perKind = new Map<FoundKind, number>();
  for (const { kind, id, name } of scored.toSorted((left, right) => right.score - left.score)) {
    const before = perKind.get(kind) ?? 0;
    if (before === OF_A_KIND) continue;
    perKind.set(kind, before + 1);
    found.push({ kind, id, name, path: `${PATHS[kind]}/${id}` });
  }
  return found.slice(0, FOUND_MAX);
}
