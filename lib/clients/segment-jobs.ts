// Tags on everyone in a segment, for API clients: the same bulk change as in the browser, with Allowed Operations
// checked.
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { KeyspaceIdSchema, SectionIdSchema } from '@/lib/db/ids';
import { openKeyspace } from '@/lib/profiles/keyspace';
import { allowedTag, findTags, TagRef } from '@/lib/profiles/allowed-operations';
import { openByRef, requireReadable } from './segments';
import { fixedRules, listChosen, takeSelection } from '@/lib/operations/selection';
import { describeTagging } from '@/lib/tags/labels';
import { startOperation } from '@/lib/work/start';
import { tagJobKind } from './tag-job-kind';

/**
 * Starts a job: `{ operationId }` gives its progress and can be undone. `ruleTags`: the tags that the segment's rules
 * refer to. The rules are fixed at the start; a job for an empty segment does nothing.
 */
export const tagBySegment = command({
  name: 'profiles.tag-by-segment',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaceId: KeyspaceIdSchema,
    segment: z.string().max(300),
    apply: z.array(TagRef).max(50, 'At most 50 tags a job.').default([]),
    remove: z.array(TagRef).max(50, 'At most 50 tags a job.').default([]),
    startsFlows: z.boolean().default(true),
  }),
  run: async ({ tx, actor, accountId }, { sectionId, keyspaceId, segment: ref, apply, remove, startsFlows }) => {
    const profileKey = await openKeyspace(tx, actor, accountId, { sectionId, keyspaceId });
    if (apply.length + remove.length === 0) refuse('invalid', 'Name at least one tag in `apply` or `remove`.');
    const { rules, definitions, name, discriminator } = await openByRef(tx, sectionId, ref);
    const segment = { name, discriminator };
    const ruleTags = await requireReadable(tx, actor, profileKey, [{ ...segment, rules, definitions }]);
    const tags = await findTags(tx, profileKey, [...apply, ...remove]);
    const ids = (refs: string[]) => refs.map((tag) => allowedTag(tags, profileKey, tag, 'write'));
    const change = { apply: ids(apply), remove: ids(remove) };
    const selection = fixedRules({ rules, definitions });
    const { total, until } = await takeSelection(tx, sectionId, selection);
    const operationId = await startOperation(tx, tagJobKind, {
      sectionId,
      summary: await describeTagging(tx, sectionId, change, total),
      input: { keyspaceId, segment, selection, until, listed: true, ...change, startsFlows },
      total,
      userId: actorUserId(actor),
      apiKeyId: actorApiKeyId(actor),
    });
    await listChosen(tx, sectionId, operationId);
    return { operationId, name, ruleTags, tagIds: [...change.apply, ...change.remove] };
  },
  audit: (_input, { operationId, name }) => ({
    summary: `Started a job on the segment “${name}”`,
    subject: `operation:${operationId}`,
  }),
});
