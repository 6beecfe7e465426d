import { z } from 'zod';
import { postRoute } from '@/app/write-route';
import { parseInput } from '@/lib/access/command';
import { pool } from '@/lib/db/pool';
import { convertFirstRows } from '@/lib/imports/preview';
import { MappingSchema } from '@/lib/imports/schema';
import { requestedImport } from '../../requested';

const Body = z.object({ mapping: MappingSchema });

/** What the first rows would become. A POST, since a mapping can be long; it changes nothing. */
export const POST = postRoute(async ({ actor, section, params, request }) => {
  const found = await requestedImport(section.id, params.import);
  const { mapping } = parseInput(Body, await request.json().catch(() => null));
  return convertFirstRows(pool(), { sectionId: section.id, accountId: actor.accountId, found }, mapping);
});
