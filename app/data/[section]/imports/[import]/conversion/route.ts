import { z } from 'zod';
import { problem, readRoute } from '@/app/read-route';
import { isSameOrigin } from '@/app/write-route';
import { parseInput } from '@/lib/access/command';
import { pool } from '@/lib/db/pool';
import { convertFirstRows } from '@/lib/imports/preview';
import { MappingSchema } from '@/lib/imports/schema';
import { requestedImport } from '../../requested';

const Body = z.object({ mapping: MappingSchema });

/** What the first rows would become. A POST, since a mapping can be long; it changes nothing. */
export const POST = readRoute(async ({ actor, section, params, request }) => {
  if (!isSameOrigin(request)) return problem(403, 'This request did not come from a page of Tagwell.');
  const found = await requestedImport(section.id, params.import);
  const { mapping } = parseInput(Body, await request.json().catch(() => null));
  return convertFirstRows(pool(), { sectionId: section.id, accountId: actor.accountId, found }, mapping);
});
