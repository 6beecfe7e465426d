// What people and API clients do to the suppression list.
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { ChannelSchema, EvidenceSchema, type Channel } from '@/lib/consents/schema';
import { CHANNEL_NAMES } from '@/lib/consents/words';
import { positiveId, SectionIdSchema, type SectionId } from '@/lib/db/ids';
import { one, sql } from '@/lib/db/sql';
import { normaliseKey } from '@/lib/profiles/keys';
import { liftWhere, suppress } from './change';
import { requireChannels } from './channels';
import { ADDRESSES_MAX, KEY_OF_CHANNEL, SuppressionReasonSchema } from './schema';

const AddressSchema = z.string().max(2_000);
const ReasonForLifting = EvidenceSchema.min(1, 'Say why, so that others understand it later.');

/** An address that could not be read, and why. `index`: its place in what was sent. */
export type InvalidAddress = { index: number; address: string; reason: string };

/** How many examples of what could not be read are answered. */
const SHOWN = 20;

/**
 * Puts addresses on the list, in groups that have the same channel, reason and evidence. Addresses that cannot be read are left out and counted; `invalid` has the first of them.
 * Refuses if none can be read.
 */
export const addSuppressions = command({
  name: 'suppression.add',
  scope: 'section',
  allow: 'integrators',
  input: z.object({
    sectionId: SectionIdSchema,
    groups: z
      .array(
        z.object({
          channel: ChannelSchema,
          addresses: z.array(AddressSchema),
          reason: SuppressionReasonSchema.default('manual'),
          evidence: EvidenceSchema.default(''),
        }),
      )
      .refine((groups) => groups.some(({ addresses }) => addresses.length > 0), 'Enter at least one address.')
      .refine(
        (groups) => groups.reduce((sum, { addresses }) => sum + addresses.length, 0) <= ADDRESSES_MAX,
        `Send at most ${ADDRESSES_MAX.toLocaleString('en-GB')} addresses at once.`,
      ),
  }),
  run: async ({ tx, actor }, { sectionId, groups }) => {
    await requireChannels(
      tx,
      actor,
      groups.map(({ channel }) => channel),
    );
    const invalid: InvalidAddress[] = [];
    const given = groups.flatMap(({ addresses, ...group }) => addresses.map((address) => ({ ...group, address })));
    const read = given.flatMap(({ channel, address, reason, evidence }, index) => {
      const key = normaliseKey(KEY_OF_CHANNEL[channel], address);
      if (key.ok) return [{ channel, address_key: key.key, reason, evidence }];
      invalid.push({ index, address, reason: key.reason });
      return [];
    });
    if (read.length === 0) refuse('invalid', `${capitalised(invalid[0]!.reason)}.`, { field: 'addresses' });
    const { added, changed } = await suppress(
      tx,
      causeOf(actor, sectionId),
      sql`
        select * from jsonb_to_recordset(${JSON.stringify(read)}::jsonb)
          as given (channel text, address_key text, reason text, evidence text)`,
    );
    return {
      added,
      changed,
      already: read.length - added - changed,
      invalid: invalid.slice(0, SHOWN),
      unreadable: invalid.length,
    };
  },
  audit: (_input, { added, changed }) =>
    added + changed > 0
      ? { summary: `Suppressed ${(added + changed).toLocaleString('en-GB')} addresses`, details: { added, changed } }
      : null,
});

/** Lifts one entry: from then on the address gets messages again. */
export const liftSuppression = command({
  name: 'suppression.lift',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, id: positiveId(Number.MAX_SAFE_INTEGER), reason: ReasonForLifting }),
  run: async ({ tx, actor }, { sectionId, id, reason }) => {
    const lifted = await liftWhere(tx, causeOf(actor, sectionId), sql`entry.id = ${id}`, reason);
    if (lifted === 0) refuse('conflict', 'This address has been taken off the list already.');
    return {};
  },
  audit: ({ reason }) => ({ summary: 'Lifted a suppressed address', details: { reason } }),
});

/**
 * Lifts addresses. Those that are not suppressed are passed over: `lifted` counts the others. Complaints are lifted by a person only, who says why:
 * an API client leaves them, and `complaints` counts them.
 */
export const liftAddresses = command({
  name: 'suppression.lift-addresses',
  scope: 'section',
  allow: 'integrators',
  input: z.object({
    sectionId: SectionIdSchema,
    channel: ChannelSchema,
    addresses: z
      .array(AddressSchema)
      .min(1, 'Send at least one address.')
      .max(ADDRESSES_MAX, `Send at most ${ADDRESSES_MAX.toLocaleString('en-GB')} addresses at once.`),
    reason: ReasonForLifting,
  }),
  run: async ({ tx, actor }, { sectionId, channel, addresses, reason }) => {
    await requireChannels(tx, actor, [channel]);
    const keys = addresses.map((address) => requireAddress(channel, address));
    const which = sql`entry.channel = ${channel} and entry.address_key = any(${keys}::text[])`;
    if (actor.kind !== 'client') {
      return { lifted: await liftWhere(tx, causeOf(actor, sectionId), which, reason), complaints: 0 };
    }
    const { complaints } = await one<{ complaints: number }>(
      tx,
      sql`
        select count(*)::int as complaints from suppression entry
        where entry.section_id = ${sectionId} and entry.lifted_at is null and entry.reason = 'complaint' and ${which}`,
    );
    const others = sql`entry.reason <> 'complaint' and ${which}`;
    return { lifted: await liftWhere(tx, causeOf(actor, sectionId), others, reason), complaints };
  },
  audit: ({ channel, reason }, { lifted }) =>
    lifted > 0
      ? {
          summary: `Lifted ${lifted.toLocaleString('en-GB')} suppressed addresses (${CHANNEL_NAMES[channel]})`,
          details: { reason },
        }
      : null,
});

function requireAddress(channel: Channel, address: string): string {
  const key = normaliseKey(KEY_OF_CHANNEL[channel], address);
  return key.ok ? key.key : refuse('invalid', `${capitalised(key.reason)}.`, { field: 'addresses' });
}

const capitalised = (text: string) => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

const causeOf = (actor: Actor, sectionId: SectionId) => ({
  sectionId,
  userId: actorUserId(actor),
  apiKeyId: actorApiKeyId(actor),
});
