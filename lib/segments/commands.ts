// Save and change segments. (Delete: used-in/commands.ts.) Rules are checked against what they refer to, under one lock per
// section, so that two people who save at the same time cannot create a cycle.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { requireSeen, type LastChange } from '@/lib/access/seen';
import { SectionIdSchema, SegmentIdSchema, type SectionId, type SegmentId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey } from '@/lib/naming/names';
import { DescriptionSchema } from '@/lib/text/prose';
import { openRules, usersOf } from './definitions';
import { referencesOf, RulesSchema, SegmentNameSchema, type RuleNode, type Rules } from './schema';
import { requestPastSizes } from './past-sizes';
import { requestSizes } from './sizes';
import { writeSegmentUses } from './uses';
import { tooLarge, wholeSize } from './whole-size';

const SEGMENTS_MAX = 1_000;

const Written = z.object({
  sectionId: SectionIdSchema,
  name: SegmentNameSchema,
  description: DescriptionSchema.default(''),
  rules: RulesSchema,
});

/** Saves a new segment: `{ id }`. */
export const createSegment = command({
  name: 'segments.create',
  scope: 'section',
  allow: 'everyone',
  input: Written,
  run: async ({ tx, prisma, actor }, { sectionId, name, description, rules }) => {
    await lockSegments(tx, sectionId);
    const count = await prisma.segment.count({ where: { sectionId } });
    if (count >= SEGMENTS_MAX) refuse('conflict', `A section has at most ${SEGMENTS_MAX} segments. Delete one first.`);
    await requireFreeName({ thing: 'a segment', name }, segmentNamed(prisma, sectionId));
    await openRules(tx, sectionId, rules);
    const userId = actorUserId(actor);
    const made = await prisma.segment.create({
      data: {
        sectionId,
        discriminator: newDiscriminator('segments', name),
        name,
        nameKey: nameKey(name),
        description,
        rules,
        createdBy: userId,
        changedBy: userId,
      },
      select: { id: true },
    });
    await writeSegmentUses(tx, sectionId, [{ ...made, rules }]);
    await requestSizes(tx, sectionId, [made.id]);
    await requestPastSizes(tx, sectionId, made.id);
    return made;
  },
  audit: ({ name }, { id }) => ({ summary: `Created the segment “${name}”`, subject: `segment:${id}` }),
});

/**
 * Changes a segment. `seen`: the last change that the person has seen; refused with `conflict` if somebody has changed it since.
 */
export const updateSegment = command({
  name: 'segments.update',
  scope: 'section',
  allow: 'everyone',
  input: Written.extend({ segmentId: SegmentIdSchema, seen: z.iso.datetime() }),
  run: async ({ tx, prisma, actor }, { sectionId, segmentId, name, description, rules, seen }) => {
    await lockSegments(tx, sectionId);
    const before = await requireSegment(tx, sectionId, segmentId);
    const then = 'Save yours under another name, or reload the page to see the current version.';
    requireSeen(actor, 'segment', before, seen, then);
    await requireFreeName({ thing: 'a segment', name, except: segmentId }, segmentNamed(prisma, sectionId));
    const { segments } = await openRules(tx, sectionId, rules);
    requireNoCircle(
      rules,
      segmentId,
      new Map([...segments].map(([id, one]) => [id, { ...one, uses: referencesOf(one.rules).segments }])),
    );
    const { changedAt } = await prisma.segment.update({
      where: { sectionId_id: { sectionId, id: segmentId } },
      data: { name, nameKey: nameKey(name), description, rules, changedAt: new Date(), changedBy: actorUserId(actor) },
      select: { changedAt: true },
    });
    await writeSegmentUses(tx, sectionId, [{ id: segmentId, rules }]);
    await requireUsersFit(tx, sectionId, segmentId);
    await requestSizes(tx, sectionId, [segmentId]);
    await requestPastSizes(tx, sectionId, segmentId);
    return { before: before.name, changedAt: changedAt.toISOString() };
  },
  audit: ({ segmentId, name }, { before }) => ({
    summary: before === name ? `Changed the segment “${name}”` : `Changed the segment “${before}”, now “${name}”`,
    subject: `segment:${segmentId}`,
  }),
});

/** Lets only one writer at a time change a section's segments. Lock order: before tags. */
export const lockSegments = (tx: Tx, sectionId: SectionId) =>
  execute(tx, sql`select pg_advisory_xact_lock(hashtext('tagwell: segments'), ${sectionId})`);

/** The segment's name and last change. Refuses with `not_found` if the section has no such segment. */
export async function requireSegment(tx: Tx, sectionId: SectionId, id: SegmentId) {
  const found = await maybeOne<LastChange & { name: string }>(
    tx,
    sql`
      select segment.name, segment.changed_at as "changedAt", segment.changed_by as "changedById",
        app_user.name as "changedBy"
      from segment left join app_user on app_user.id = segment.changed_by
      where segment.section_id = ${sectionId} and segment.id = ${id}
      for update of segment`,
  );
  return found ?? refuse('not_found', 'This segment does not exist in this section: it may have been deleted.');
}

const segmentNamed = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.segment.findFirst({ where: { sectionId, nameKey: key }, select: { id: true, name: true } });

type Used = ReadonlyMap<SegmentId, { name: string; uses: readonly SegmentId[] }>;

/** Refuses a segment that contains itself, directly or through others. */
function requireNoCircle(rules: Rules, self: SegmentId, used: Used): void {
  const reaches = (id: SegmentId, seen = new Set<SegmentId>()): boolean => {
    if (id === self) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return (used.get(id)?.uses ?? []).some((next) => reaches(next, seen));
  };
  const look = (node: RuleNode, path: string): void => {
    if (node.kind === 'group') return node.items.forEach((item, index) => look(item, `${path}.items.${index}`));
    if (node.kind !== 'segment' || !reaches(node.segmentId)) return;
    const name = used.get(node.segmentId)?.name ?? '';
    const message =
      node.segmentId === self
        ? 'A segment cannot contain itself. Choose another one.'
        : `“${name}” uses this segment, so this segment cannot use it: the two would depend on each other.`;
    refuse('invalid', message, { field: path });
  };
  look(rules.root, 'rules.root');
}

/** Refuses rules that would make a segment that uses this one too large. */
async function requireUsersFit(tx: Tx, sectionId: SectionId, id: SegmentId): Promise<void> {
  const { users, segments } = await usersOf(tx, sectionId, id);
  for (const user of users) {
    const large = tooLarge(wholeSize(user.rules.root, segments));
    if (large) {
      refuse('invalid', `“${user.name}” uses this segment, and would become too large: ${large}.`, {
        field: 'rules.root',
      });
    }
  }
}
