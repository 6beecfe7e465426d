import { z } from 'zod';
import { readRoute } from '@/app/read-route';
import { parseInput } from '@/lib/access/command';
import { Refusal } from '@/lib/access/refusal';
import { pool } from '@/lib/db/pool';
import { csvResponse } from '@/lib/export/csv-response';
import { openSegment } from '@/lib/segments/definitions';
import { exportMembers } from '@/lib/segments/export';
import { noteExport } from '@/lib/segments/note-export';
import { endOfDay } from '@/lib/segments/members';
import { DaySchema } from '@/lib/segments/schema';
import { segmentIdOf } from '../../requested';

const Query = z.object({
  column: z.array(z.string().max(60)).max(1_000),
  at: DaySchema.nullable(),
});

/** The members as CSV: `?column=tags&column=key:1`; none: all columns. `at`: as they were at the end of that day. */
export const GET = readRoute(async ({ actor, section, params, search, request }) => {
  const { column: columns, at } = parseInput(Query, { column: search.getAll('column'), at: search.get('at') });
  const opened = await openSegment(pool(), section.id, segmentIdOf(params));
  const asOf = at === null ? undefined : { at: await endOfDay(pool(), at, opened.rules.timeZone) };
  const lines = await exportMembers({ actor, sectionId: section.id }, opened, {
    columns,
    asOf,
    signal: request.signal,
  });
  const noted = await noteExport(actor, { sectionId: section.id, segmentId: opened.id });
  if (!noted.ok) throw new Refusal(noted.refusal);
  return csvResponse(lines, `${opened.name}${at === null ? '' : ` ${at}`}.csv`);
});
