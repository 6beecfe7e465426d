// Opens rules and saved segments: looks up what they refer to, and refuses them if it is hidden or not in the section. The only way
// to get an evaluation, so that rules that have lost one of their parts are never used.
import { refuse, type RefusalCode } from '@/lib/access/refusal';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { untaggedCandidates } from '@/lib/tags/untagged';
import type { Definitions } from './evaluation';
import { lookUp, problemOf, type References, type Problem } from './lookup';
import { conditionsOf, referencesOf, RulesSchema, type Condition, type RuleNode, type Rules } from './schema';
import { tooLarge, wholeSize } from './whole-size';

/** Rules with what they refer to, looked up. */
export type Opened = { rules: Rules; definitions: Definitions };

/** A saved segment with what its rules refer to. */
export type OpenSegment = Opened & { id: SegmentId; discriminator: string; name: string };

type Segments = Definitions['segments'];

/** Turns a problem into words for the reader. */
type ProblemWords = (problem: Problem) => string;
const inFull: ProblemWords = ({ reason }) => reason;

/**
 * Looks up what rules refer to, including the rules of segments in them. Refuses with `hidden`, `not_found` or `invalid` at the
 * field of the condition, such as `rules.root.items.0`. `name`: the saved segment that the rules belong to; `fixed`: nested
 * segments as they were at some time, instead of as they are saved; `words`: turns a problem into words.
 */
export async function openRules(
  db: Db,
  sectionId: SectionId,
  rules: Rules,
  { name, fixed, words = inFull }: { name?: string; fixed?: Segments; words?: ProblemWords } = {},
): Promise<Definitions> {
  const segments = fixed ?? (await withUsed(db, sectionId, referencesOf(rules).segments));
  const known = await lookUp(db, sectionId, [rules, ...[...segments.values()].map((segment) => segment.rules)]);
  const [problem] = problemsOf({ rules, name }, known, segments, words);
  if (problem) refuse(problem.code, problem.message, { field: problem.field });
  return definitionsOf(db, sectionId, known, segments, [rules, ...[...segments.values()].map((used) => used.rules)]);
}

async function definitionsOf(
  db: Db,
  sectionId: SectionId,
  { attributes, events }: References,
  segments: Segments,
  used: readonly Rules[],
): Promise<Definitions> {
  const untaggedAmong = used.some(({ root }) => asksForNoTag(root))
    ? await untaggedCandidates(db, sectionId)
    : undefined;
  return { attributes, events, segments, untaggedAmong };
}

const asksForNoTag = (root: RuleNode): boolean =>
  conditionsOf(root).some((item) => item.kind === 'profile' && (item.test === 'has_no_tag' || item.test === 'has_tag'));

/** Opens a saved segment. Refuses with `not_found`, or with `hidden` or `invalid` if it needs attention. */
export async function openSegment(db: Db, sectionId: SectionId, id: SegmentId): Promise<OpenSegment> {
  const segments = await withUsed(db, sectionId, [id]);
  const segment = segments.get(id);
  if (!segment) refuse('not_found', 'This segment does not exist in this section: it may have been deleted.');
  const definitions = await openRules(db, sectionId, segment.rules, { name: segment.name, fixed: segments });
  return { ...segment, id, definitions };
}

/**
 * Opens saved segments with one look-up, in the order of their names: those given, or all of the section. `reasons`: why the ones
 * that cannot be opened need attention; `words`: turns a problem into words.
 */
export async function openSegments(
  db: Db,
  sectionId: SectionId,
  ids: readonly SegmentId[] | 'all' = 'all',
  words = inFull,
): Promise<{ opened: OpenSegment[]; reasons: Map<SegmentId, string[]> }> {
  const segments = await withUsed(db, sectionId, ids);
  const known = await lookUp(
    db,
    sectionId,
    [...segments.values()].map(({ rules }) => rules),
  );
  const definitions = await definitionsOf(
    db,
    sectionId,
    known,
    segments,
    [...segments.values()].map(({ rules }) => rules),
  );
  const all = reasonsOf(known, segments, words);
  const wanted = [...segments].filter(([id]) => ids === 'all' || ids.includes(id));
  return {
    opened: wanted.flatMap(([id, segment]) => (all.has(id) ? [] : [{ ...segment, id, definitions }])),
    reasons: new Map(wanted.flatMap(([id]) => (all.has(id) ? [[id, all.get(id)!] as const] : []))),
  };
}

type Stored = Segments extends ReadonlyMap<SegmentId, infer Segment> ? Segment & { discriminator: string } : never;

/** Saved segments with those that they use, directly or through others, in the order of their names. */
async function withUsed(
  db: Db,
  sectionId: SectionId,
  ids: readonly SegmentId[] | 'all',
): Promise<Map<SegmentId, Stored>> {
  if (ids.length === 0) return new Map();
  const begin =
    ids === 'all' ? sql`select id from segment where section_id = ${sectionId}` : sql`select unnest(${ids}::int[])`;
  const found = await rows<{ id: SegmentId; name: string; discriminator: string; rules: unknown }>(
    db,
    sql`
      with recursive used (id) as (
        ${begin}
        union
        select further.used_id
        from used
        join use further
          on further.section_id = ${sectionId} and further.user_kind = 'segment' and further.user_id = used.id
          and further.used_kind = 'segment'
      )
      select segment.id, segment.name, segment.discriminator, segment.rules
      from used
      join segment on segment.section_id = ${sectionId} and segment.id = used.id
      order by segment.name_key`,
  );
  return new Map(found.map(({ id, rules, ...segment }) => [id, { ...segment, rules: RulesSchema.parse(rules) }]));
}

/** The segments that use a segment, directly or through others, with all that they use. */
export async function usersOf(
  db: Db,
  sectionId: SectionId,
  id: SegmentId,
): Promise<{ users: { name: string; rules: Rules }[]; segments: Segments }> {
  const users = await rows<{ id: SegmentId }>(
    db,
    sql`
      with recursive users (id) as (
        select ${id}::int
        union
        select further.user_id
        from users
        join use further
          on further.section_id = ${sectionId} and further.user_kind = 'segment'
          and further.used_kind = 'segment' and further.used_id = users.id
      )
      select id from users where id <> ${id}`,
  );
  const ids = users.map((user) => user.id);
  const segments = await withUsed(db, sectionId, ids);
  return { users: ids.map((user) => segments.get(user)!), segments };
}

type Refused = { code: RefusalCode; message: string; field?: string };

const ADVICE = 'Choose another one, or remove the condition.';

/** What is wrong with rules, or with the rules of segments in them. `field`: the path within the outer rules. */
function problemsOf(
  { rules, name }: { rules: Rules; name?: string },
  known: References,
  segments: Segments,
  words: ProblemWords,
): Refused[] {
  const places = [
    { rules, of: name, own: true },
    ...usedIn(rules, segments).map(({ rules: used, name: of }) => ({ rules: used, of, own: false })),
  ];
  const wrong = places.flatMap((place) =>
    conditionsWithPaths(place.rules.root, 'rules.root').flatMap(({ condition, path }): Refused[] => {
      const problem = problemOf(condition, { ...known, segments });
      if (!problem) return [];
      const where = place.of ? `The segment “${place.of}” needs attention: ` : '';
      const field = place.own ? path : undefined;
      return [{ code: problem.code, message: `${where}${words(problem)} ${ADVICE}`, field }];
    }),
  );
  const large = tooLarge(wholeSize(rules.root, segments));
  if (large) wrong.push({ code: 'invalid', message: `This segment is too large: ${large}.`, field: 'rules.root' });
  return wrong;
}

/** The segments in rules, directly or through others, without duplicates. */
export function usedIn(rules: Rules, segments: Segments): { id: SegmentId; name: string; rules: Rules }[] {
  const found = new Map<SegmentId, { id: SegmentId; name: string; rules: Rules }>();
  const add = (of: Rules) => {
    for (const id of referencesOf(of).segments) {
      const segment = segments.get(id);
      if (!segment || found.has(id)) continue;
      found.set(id, { id, name: segment.name, rules: segment.rules });
      add(segment.rules);
    }
  };
  add(rules);
  return [...found.values()];
}

function conditionsWithPaths(node: RuleNode, path: string): { condition: Condition; path: string }[] {
  if (node.kind !== 'group') return [{ condition: node, path }];
  return node.items.flatMap((item, index) => conditionsWithPaths(item, `${path}.items.${index}`));
}

/** Why segments need attention: problems of their own rules, and segments they use that need attention. */
function reasonsOf(known: References, segments: Segments, words: ProblemWords): Map<SegmentId, string[]> {
  const reasons = new Map<SegmentId, string[]>();
  const look = (id: SegmentId): string[] => {
    const seen = reasons.get(id);
    if (seen) return seen;
    const { rules } = segments.get(id)!;
    const own = conditionsWithPaths(rules.root, '').flatMap(({ condition }) => {
      const problem = problemOf(condition, { ...known, segments });
      return problem ? [words(problem)] : [];
    });
    const used = referencesOf(rules).segments.filter((item) => segments.has(item) && look(item).length > 0);
    const large = tooLarge(wholeSize(rules.root, segments));
    const all = [
      ...own,
      ...used.map((item) => `It uses the segment “${segments.get(item)!.name}”, which needs attention.`),
      ...(large ? [`It is too large: ${large}.`] : []),
    ];
    reasons.set(id, [...new Set(all)]);
    return reasons.get(id)!;
  };
  for (const id of segments.keys()) look(id);
  return new Map([...reasons].filter(([, why]) => why.length > 0));
}
