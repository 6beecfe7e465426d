// Consents of one profile, set by API clients and by hand.
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { KeyspaceIdSchema, positiveId, ProfileIdSchema, SectionIdSchema, TopicIdSchema } from '@/lib/db/ids';
import { sql } from '@/lib/db/sql';
import { lockProfile } from '@/lib/profiles/fields';
import { findProfile, openKey } from '@/lib/profiles/keyspace';
import { changeConsents, newestChange, revertConsentChange } from './change';
import { ChannelSchema, ConsentTypeSchema, EvidenceSchema, WordingSchema } from './schema';
import { requireOffered } from './topics';
import { CHANNEL_IN_TEXT, CONSENT_WORDS } from './words';

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
    const { changed, added, repeated } = await changeConsents(
      tx,
      { sectionId, source: 'api', userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor) },
      sql`
        select ${profileId}::bigint as profile_id, ${topic.id}::int as topic_id, ${channel}::text as channel,
          ${type}::text as type, ${reason}::text as reason, ${source}::text as source, ${wording}::text as wording,
          ${proof}::text as proof`,
    );
    if (changed + repeated === 0) refuse('conflict', `This consent is already “${type}”: nothing has changed.`);
    return { created: added > 0 };
  },
  audit: () => null,
});

/**
 * Sets a consent by hand: `{ changeId }` is what `undoConsent` takes. A reason is required, since somebody may ask for
 * it. Refuses with `conflict` if the consent is set already.
 */
export const setConsent = command({
  name: 'consents.set',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    profileId: ProfileIdSchema,
    topicId: TopicIdSchema,
    channel: ChannelSchema,
    type: z.enum(['opt-in', 'opt-out'], 'Choose one.'),
    reason: EvidenceSchema.min(1, 'Say why: when and how the person said so.'),
  }),
  run: async ({ tx, actor }, { sectionId, profileId, topicId, channel, type, reason }) => {
    const topic = await requireOffered(tx, sectionId, { id: topicId });
    await lockProfile(tx, sectionId, profileId);
    const { changed, repeated } = await changeConsents(
      tx,
      { sectionId, source: 'user', userId: actorUserId(actor) },
      sql`
        select ${profileId}::bigint as profile_id, ${topicId}::int as topic_id, ${channel}::text as channel,
          ${type}::text as type, ${reason}::text as reason, ''::text as source, ''::text as wording, ''::text as proof`,
    );
    if (changed + repeated === 0)
      refuse('conflict', `The person has already ${CONSENT_WORDS[type]}: nothing has changed.`);
    return { changeId: (await newestChange(tx, sectionId, { profileId, topicId, channel }))!, topic: topic.name };
  },
  audit: ({ profileId, channel, type, reason }, { topic }) => ({
    summary: `Set the consent to “${topic}” by ${CHANNEL_IN_TEXT[channel]}: ${CONSENT_WORDS[type]}`,
    subject: `profile:${profileId}`,
    details: { reason },
  }),
});

/** Takes back a consent that the person has set by hand. Refuses if somebody has changed it since. */
export const undoConsent = command({
  name: 'consents.undo',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, changeId: positiveId(Number.MAX_SAFE_INTEGER) }),
  run: async ({ tx, actor }, { sectionId, changeId }) => {
    const cause = { sectionId, source: 'undo' as const, userId: actorUserId(actor), startsFlows: false };
    const profileId = await revertConsentChange(tx, cause, changeId);
    return { profileId: profileId ?? refuse('conflict', 'This consent has been changed since, so it stays as it is.') };
  },
  audit: (_input, { profileId }) => ({ summary: 'Took back a consent set by hand', subject: `profile:${profileId}` }),
});
