// A form needs attention if it refers to something that is hidden or gone. Derived from the current data on every read, so that it is never
// out of date. It goes on taking submissions, which wait until somebody has fixed it.
import { refuse } from '@/lib/access/refusal';
import type { SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { hiddenInWords } from '@/lib/uses/hidden-words';
import { referencesOf } from './references';
import type { FormDocument } from './schema';

type Known = { kind: 'tag' | 'attribute' | 'topic'; id: number; name: string; hidden: boolean };

/** `held`: they stay as they are until the transaction ends. */
type LookOptions = { held?: boolean };

async function lookUp(
  db: Db,
  sectionId: SectionId,
  documents: readonly FormDocument[],
  { held = false }: LookOptions = {},
): Promise<Map<string, Known>> {
  const references = documents.map(referencesOf);
  const lock = held ? sql`order by id for key share` : sql``;
  const known = await rows<Known>(
    db,
    sql`
      with tags as materialized (
        select id, name, hidden_at from tag
        where section_id = ${sectionId} and id = any(${references.flatMap(({ tagIds }) => tagIds)}::int[])
        ${lock}
      ),
      attributes as materialized (
        select id, name, hidden_at from attribute
        where section_id = ${sectionId} and id = any(${references.flatMap(({ attributeIds }) => attributeIds)}::int[])
        ${lock}
      ),
      topics as materialized (
        select id, name, hidden_at from topic
        where section_id = ${sectionId} and id = any(${references.flatMap(({ topicIds }) => topicIds)}::int[])
        ${lock}
      )
      select 'tag' as kind, id, name, hidden_at is not null as hidden from tags
      union all
      select 'attribute', id, name, hidden_at is not null from attributes
      union all
      select 'topic', id, name, hidden_at is not null from topics`,
  );
  return new Map(known.map((each) => [`${each.kind}:${each.id}`, each]));
}

const partsOf = (document: FormDocument): { kind: Known['kind']; id: number }[] => {
  const { tagIds, attributeIds, topicIds } = referencesOf(document);
  return [
    ...tagIds.map((id) => ({ kind: 'tag' as const, id })),
    ...attributeIds.map((id) => ({ kind: 'attribute' as const, id })),
    ...topicIds.map((id) => ({ kind: 'topic' as const, id })),
  ];
};

/** What is lost in each of the documents, in words; an empty list if nothing is. In one query for all. */
export async function lostInForms(
  db: Db,
  sectionId: SectionId,
  documents: readonly FormDocument[],
  options?: LookOptions,
): Promise<string[][]> {
  if (documents.length === 0) return [];
  const known = await lookUp(db, sectionId, documents, options);
  return documents.map((document) =>
    partsOf(document).flatMap(({ kind, id }) => {
      const thing = known.get(`${kind}:${id}`);
      if (!thing) return [`It uses ${kind === 'attribute' ? 'an' : 'a'} ${kind} that no longer exists.`];
      return thing.hidden ? [hiddenInWords(kind, thing.name)] : [];
    }),
  );
}

/** Refuses a document that refers to what is not in the section. What was hidden may stay in a draft, which needs attention then. */
export async function requireKnown(db: Db, sectionId: SectionId, document: FormDocument): Promise<void> {
  const known = await lookUp(db, sectionId, [document]);
  const gone = partsOf(document).find(({ kind, id }) => !known.has(`${kind}:${id}`));
  if (gone) refuse('invalid', `One of the ${gone.kind}s no longer exists. Remove it here.`, { field: 'document' });
}
