// What a merge of tags does to segments. Conditions that only ask whether a profile has the old tag ask for the new one from then
// on. Conditions on when, how or by which list the tag was applied cannot move: 'got Lead in the last 7 days' would become true for
// everyone who had it. They keep the old tag, which is hidden, so that the segment needs attention.
import type { SectionId, SegmentId, TagId, UserId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { conditionsOf, RulesSchema, type RuleNode, type Rules, type TagCondition } from './schema';
import { requestSizes } from './sizes';
import { writeSegmentUses } from './uses';

type Using = { id: SegmentId; name: string; rules: Rules };

/** The segments whose own rules refer to a tag, in the order of their names. */
async function segmentsUsing(db: Db, sectionId: SectionId, tagId: TagId): Promise<Using[]> {
  const found = await rows<Omit<Using, 'rules'> & { rules: unknown }>(
    db,
    sql`
      select id, name, rules from segment
      where section_id = ${sectionId} and id in (
        select user_id from use
        where section_id = ${sectionId} and user_kind = 'segment' and used_kind = 'tag' and used_id = ${tagId}
      )
      order by name_key`,
  );
  return found.map(({ rules, ...segment }) => ({ ...segment, rules: RulesSchema.parse(rules) }));
}

const conditionsOn = ({ root }: Rules, tagId: TagId): TagCondition[] =>
  conditionsOf(root).filter((item): item is TagCondition => item.kind === 'tag' && item.tagId === tagId);

/** Whether a condition only asks for the tag, not for how it was applied. */
const canMove = ({ test, source }: TagCondition): boolean => (test === 'has' || test === 'has_not') && source === null;

/**
 * Makes rules that ask for one tag ask for the other. The caller has called `lockSegments` before it locked the tags, and hides
 * the old tag.
 */
export async function moveTagInSegments(
  tx: Tx,
  sectionId: SectionId,
  { from, into, userId }: { from: TagId; into: TagId; userId: UserId | null },
): Promise<void> {
  const using = await segmentsUsing(tx, sectionId, from);
  const moved = using
    .filter(({ rules }) => conditionsOn(rules, from).some(canMove))
    .map(({ id, rules }) => ({ id, rules: { ...rules, root: replaceTag(rules.root, from, into) } as Rules }));
  const ids = moved.map(({ id }) => id);
  await execute(
    tx,
    sql`
      update segment
      set rules = moved.rules, changed_at = ${new Date()}, changed_by = ${userId}
      from unnest(${ids}::int[], ${moved.map(({ rules }) => JSON.stringify(rules))}::jsonb[]) moved (id, rules)
      where segment.section_id = ${sectionId} and segment.id = moved.id`,
  );
  await writeSegmentUses(tx, sectionId, moved);
  await requestSizes(tx, sectionId, ids);
}

/** Rules that ask for the other tag, where they only ask whether somebody has it. */
export function replaceTag(node: RuleNode, from: TagId, into: TagId): RuleNode {
  if (node.kind === 'group') return { ...node, items: node.items.map((item) => replaceTag(item, from, into)) };
  return node.kind === 'tag' && node.tagId === from && canMove(node) ? { ...node, tagId: into } : node;
}

/** What a merge does to segments, by name. `moved`: will ask for the other tag; `lost`: will need attention, including segments that use such a segment. */
export async function segmentsInMerge(
  db: Db,
  sectionId: SectionId,
  from: TagId,
): Promise<{ moved: string[]; lost: string[] }> {
  const using = await segmentsUsing(db, sectionId, from);
  const stuck = using.filter(({ rules }) => !conditionsOn(rules, from).every(canMove));
  const lost = await rows<{ id: SegmentId; name: string }>(
    db,
    sql`
      with recursive lost (id) as (
        select unnest(${stuck.map(({ id }) => id)}::int[])
        union
        select further.user_id
        from lost
        join use further
          on further.section_id = ${sectionId} and further.user_kind = 'segment'
          and further.used_kind = 'segment' and further.used_id = lost.id
      )
      select segment.id, segment.name
      from lost join segment on segment.section_id = ${sectionId} and segment.id = lost.id
      order by segment.name_key`,
  );
  const others = using.filter(({ id }) => !lost.some((segment) => segment.id === id));
  return { moved: others.map(({ name }) => name), lost: lost.map(({ name }) => name) };
}
