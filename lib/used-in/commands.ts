// Commands that are allowed only on things without users.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, SegmentIdSchema, type SectionId } from '@/lib/db/ids';
import { execute, sql, type Tx } from '@/lib/db/sql';
import { lockSegments, requireSegment } from '@/lib/segments/commands';
import type { Used } from '@/lib/uses/schema';
import { usersOfOne } from './queries';

/** Refuses with `in_use`, naming the users, if anything uses it. `thing`: its kind, such as 'segment'. */
async function requireUnused(tx: Tx, sectionId: SectionId, used: Used, thing: string): Promise<void> {
  const users = await usersOfOne(tx, sectionId, used);
  if (users.length === 0) return;
  const list = users.map((user) => `“${user.name}”`).join(', ');
  refuse('in_use', `${list} ${users.length === 1 ? 'uses' : 'use'} this ${thing}. Remove it there first.`, {
    details: { users },
  });
}

/** Deletes a segment. Refuses with `in_use` and the users if anything uses it. Profiles do not change. */
export const deleteSegment = command({
  name: 'segments.delete',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, segmentId: SegmentIdSchema }),
  run: async ({ tx }, { sectionId, segmentId }) => {
    await lockSegments(tx, sectionId);
    const { name } = await requireSegment(tx, sectionId, segmentId);
    await requireUnused(tx, sectionId, { kind: 'segment', id: segmentId }, 'segment');
    await execute(tx, sql`delete from segment where section_id = ${sectionId} and id = ${segmentId}`);
    return { name };
  },
  audit: ({ segmentId }, { name }) => ({ summary: `Deleted the segment “${name}”`, subject: `segment:${segmentId}` }),
});
