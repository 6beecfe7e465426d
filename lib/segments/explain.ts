// Which segments a profile is in, and why.
import type { ProfileId, SectionId, SegmentId } from '@/lib/db/ids';
import { join, maybeOne, one, sql, type Db, type Sql } from '@/lib/db/sql';
import { mergedInto } from '@/lib/profiles/merged';
import { holdsFor } from './compile';
import { openSegments, type Opened } from './definitions';
import type { Evaluation } from './evaluation';
import { evidenceOf, EvidenceSchema, type Evidence } from './evidence';
import { evaluationOf, type AsOf } from './members';
import type { Condition, RuleNode } from './schema';
import { WHOLE_MAX, wholeSize } from './whole-size';

type OfOne = Evaluation & Required<Pick<Evaluation, 'only'>>;

const formerIds = async (db: Db, sectionId: SectionId, id: ProfileId) => ({
  id,
  formerly: await mergedInto(db, sectionId, [id]),
});

/** Expressions per statement. */
const AT_ONCE = 200;

/** Evaluates many expressions of one value each. */
async function answers<Answer>(db: Db, questions: readonly Sql[]): Promise<Answer[]> {
  const found: Answer[] = [];
  for (let from = 0; from < questions.length; from += AT_ONCE) {
    const part = questions.slice(from, from + AT_ONCE);
    const asked = join(
      part.map((question) => sql`to_jsonb(${question})`),
      ', ',
    );
    const { values } = await one<{ values: Answer[] }>(db, sql`select to_jsonb(array[${asked}]) as values`);
    found.push(...values);
  }
  return found;
}

/** Which of these segments a profile is in. */
export async function evaluateFor(
  db: Db,
  sectionId: SectionId,
  profileId: ProfileId,
  opened: readonly Opened[],
): Promise<boolean[]> {
  const only = await formerIds(db, sectionId, profileId);
  const found: boolean[] = [];
  for (const few of partsOf(opened)) {
    const tests = few.map((item) =>
      holdsFor({ ...evaluationOf(sectionId, item), only }, item.rules.timeZone, item.rules.root),
    );
    found.push(...(await answers<boolean>(db, tests)));
  }
  return found;
}

/** Splits them into groups that one statement can hold, keeping their order. */
function partsOf(opened: readonly Opened[]): Opened[][] {
  const parts: Opened[][] = [];
  let conditions = Infinity;
  for (const one of opened) {
    const more = wholeSize(one.rules.root, one.definitions.segments).conditions;
    conditions += more;
    if (conditions > WHOLE_MAX.conditions) {
      parts.push([]);
      conditions = more;
    }
    parts.at(-1)!.push(one);
  }
  return parts;
}

/** The segments that a profile is in now, in the order of their names. Those that need attention are left out. */
export async function segmentsOfProfile(
  db: Db,
  sectionId: SectionId,
  profileId: ProfileId,
): Promise<{ id: SegmentId; name: string }[]> {
  const { opened } = await openSegments(db, sectionId);
  const holds = await evaluateFor(db, sectionId, profileId, opened);
  return opened.filter((_segment, index) => holds[index]).map(({ id, name }) => ({ id, name }));
}

/**
 * A condition or group, whether the profile matches it, and the evidence. `items`: of a group, or of a segment's rules.
 * `addedLater`: the profile did not exist yet at the moment in question.
 */
export type Verdict = {
  node: RuleNode;
  holds: boolean;
  evidence: Evidence | null;
  items: Verdict[];
  addedLater?: Date;
};

/** Why a profile is in the segment or not, condition by condition. Undefined if the profile does not exist. */
export async function explainFor(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  profileId: ProfileId,
  asOf?: AsOf,
): Promise<Verdict | undefined> {
  const profile = await maybeOne<{ createdAt: Date }>(
    db,
    sql`select created_at as "createdAt" from profile where section_id = ${sectionId} and id = ${profileId}`,
  );
  if (!profile) return undefined;
  const about: OfOne = {
    ...evaluationOf(sectionId, opened, asOf),
    only: await formerIds(db, sectionId, profileId),
  };
  const leaves = leavesOf(opened.rules.root, opened.rules.timeZone, about);
  const holds = await answers<boolean>(
    db,
    leaves.map(({ condition, timeZone }) => holdsFor(about, timeZone, condition)),
  );
  const evidence = await answers<unknown>(
    db,
    leaves.map(({ condition, timeZone }) => evidenceOf({ ...about, timeZone }, condition)),
  );
  let next = 0;
  const judge = (node: RuleNode): Verdict => {
    if (node.kind === 'group') {
      const items = node.items.map(judge);
      const some = items.some((item) => item.holds);
      const every = items.every((item) => item.holds);
      return { node, holds: node.match === 'all' ? every : node.match === 'any' ? some : !some, evidence: null, items };
    }
    if (node.kind === 'segment') {
      const inner = judge(about.definitions.segments.get(node.segmentId)!.rules.root);
      return { node, holds: inner.holds === (node.test === 'in'), evidence: null, items: [inner] };
    }
    const index = next++;
    return { node, holds: holds[index]!, evidence: EvidenceSchema.parse(evidence[index]), items: [] };
  };
  const verdict = judge(opened.rules.root);
  // A profile that was created later was in no segment then.
  return about.past && profile.createdAt > about.now
    ? { ...verdict, holds: false, addedLater: profile.createdAt }
    : verdict;
}

type Leaf = { condition: Exclude<Condition, { kind: 'segment' }>; timeZone: string };

/** Every condition on the profile itself, in order, including those of nested segments. */
function leavesOf(node: RuleNode, timeZone: string, about: Evaluation): Leaf[] {
  if (node.kind === 'group') return node.items.flatMap((item) => leavesOf(item, timeZone, about));
  if (node.kind !== 'segment') return [{ condition: node, timeZone }];
  const { rules } = about.definitions.segments.get(node.segmentId)!;
  return leavesOf(rules.root, rules.timeZone, about);
}
