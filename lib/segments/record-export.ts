// Records downloads of a segment's members in the audit log, like exports by API clients.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, SegmentIdSchema } from '@/lib/db/ids';

/** Records that an export of a segment starts. Changes nothing. */
export const recordExport = command({
  name: 'segments.export',
  scope: 'section',
  allow: 'readers',
  input: z.object({ sectionId: SectionIdSchema, segmentId: SegmentIdSchema }),
  run: async ({ prisma }, { sectionId, segmentId }) => {
    const segment = await prisma.segment.findFirst({ where: { sectionId, id: segmentId }, select: { name: true } });
    return segment ?? refuse('not_found', 'This segment does not exist in this section: it may have been deleted.');
  },
  audit: ({ segmentId }, { name }) => ({
    summary: `Exported the segment “${name}”`,
    subject: `segment:${segmentId}`,
  }),
});
