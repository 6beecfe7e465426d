// Downloading the members of a segment is recorded in the audit log, as exports by API clients are.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, SegmentIdSchema } from '@/lib/db/ids';
import { maybeOne, sql } from '@/lib/db/sql';

/** Records that an export of a segment begins. Changes nothing. */
export const noteExport = command({
  name: 'segments.export',
  scope: 'section',
  allow: 'readers',
  input: z.object({ sectionId: SectionIdSchema, segmentId: SegmentIdSchema }),
  run: async ({ tx }, { sectionId, segmentId }) => {
    const segment = await maybeOne<{ name: string }>(
      tx,
      sql`select name from segment where section_id = ${sectionId} and id = ${segmentId}`,
    );
    return segment ?? refuse('not_found', 'There is no such segment in this section: it may have been deleted.');
  },
  audit: ({ segmentId }, { name }) => ({
    summary: `Exported the segment “${name}”`,
    subject: `segment:${segmentId}`,
  }),
});
