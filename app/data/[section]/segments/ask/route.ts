import { z } from 'zod';
import { postRoute } from '@/app/write-route';
import { parseInput } from '@/lib/access/command';
import { asking, countMembers, listMembers } from '@/lib/segments/members';
import { RulesSchema } from '@/lib/segments/schema';

const Body = z.object({ rules: RulesSchema, sample: z.boolean().default(false) });
const SAMPLE = 10;

/**
 * How many match rules that are being written, or with `sample` some of them. A POST, since rules can be long; it changes
 * nothing, and the database stops when the caller leaves.
 */
export const POST = postRoute(async ({ actor, section, request }) => {
  const { rules, sample } = parseInput(Body, await request.json().catch(() => null));
  return asking<unknown>({ actor, signal: request.signal }, section.id, rules, async (db, opened) =>
    sample
      ? { profiles: (await listMembers(db, section.id, opened, {}, { size: SAMPLE })).profiles }
      : { count: await countMembers(db, section.id, opened) },
  );
});
