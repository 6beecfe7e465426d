// Consents of one profile, set by API clients and by hand.
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { KeyspaceIdSchema, SectionIdSchema } from '@/lib/db/ids';
import { sql } from '@/lib/db/sql';
import { lockProfile } from '@/lib/profiles/fields';
import { findProfile, openKey } from '@/lib/profiles/keyspace';
import { changeConsents } from './change';
import { ChannelSchema, ConsentTypeSchema, EvidenceSchema, WordingSchema } from './schema';
import { requireOffered } from './topics';

/** Sets a consent of the profile of a key: `{ created }`. Refuses with `conflict` if it is set already. */
export const setConsentByKey = command({
  name: 'consents.set-by-key',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaceId: KeyspaceIdSchema,
    key: z.string().max(1_000),
    topic: z.string().max(200),
    channel: ChannelSchema,
    type: ConsentTypeSchema,
    reason: EvidenceSchema.default(''),
    source: EvidenceSchema.default(''),
    wording: WordingSchema.default(''),
    proof: EvidenceSchema.default(''),
  }),
  run: async (
    { tx, actor, accountId },
    { topic: discriminator, channel, type, reason, source, wording, proof, ...where },
  ) => {
    const { sectionId } = where;
    const profileId = await findProfile(tx, await openKey(tx, actor, accountId, where));
    if (profileId === undefined) refuse('not_found', 'There is no profile with this key in the section.');
    const topic = await requireOffered(tx, sectionId, { discriminator });
    await lockProfile(tx, sectionId, profileId, { byKey: true });
    const { changed, added } = await changeConsents(
      tx,
      { sectionId, source: 'api', userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor) },
      sql`
        select ${profileId}::bigint as profile_id, ${topic.id}::int as topic_id, ${channel}::text as channel,
          ${type}::text as type, ${reason}::text as reason, ${source}::text as source, ${wording}::text as wording,
          ${proof}::text as proof`,
    );
    if (changed === 0) refuse('conflict', `This consent is already “${type}”: nothing has changed.`);
    return { created: added > 0 };
  },
  audit: () => null,
});
