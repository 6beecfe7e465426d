// What profiles agree to: a topic, on a channel.
import { z } from 'zod';
import type { ProfileId, TopicId } from '@/lib/db/ids';
import { NameSchema } from '@/lib/naming/names';
import { proseSchema } from '@/lib/text/prose';

export const CHANNELS = ['email', 'sms'] as const;
export type Channel = (typeof CHANNELS)[number];
export const ChannelSchema = z.enum(CHANNELS);

export const CONSENT_TYPES = ['opt-in', 'opt-out', 'pending-opt-in', 'confirmed-opt-in'] as const;
export type ConsentType = (typeof CONSENT_TYPES)[number];
/** From least to most strict. When two profiles are merged, the stricter consent wins. */
export const STRICTNESS: readonly ConsentType[] = ['confirmed-opt-in', 'opt-in', 'pending-opt-in', 'opt-out'];
export const ConsentTypeSchema = z.enum(CONSENT_TYPES);

const FOLDER_MAX = 50;

/** A folder's name, up to 50 characters; '' for none. */
export const FolderSchema = z.string().transform((text, context) => {
  if (text.trim() === '') return '';
  const name = NameSchema.safeParse(text);
  if (name.success && [...name.data].length <= FOLDER_MAX) return name.data;
  const message = name.success ? `Use at most ${FOLDER_MAX} characters.` : name.error.issues[0]!.message;
  context.addIssue({ code: 'custom', message: message.replace('The name', 'The folder') });
  return z.NEVER;
});

/** A short text of evidence: a reason, or where a consent was given. */
export const EvidenceSchema = proseSchema(1_000);
/** The words that people agreed to. */
export const WordingSchema = proseSchema(5_000);

/** `folder`: '' for none. `hiddenAt`: no longer offered anywhere; its consents stay. */
export type Topic = {
  id: TopicId;
  discriminator: string;
  name: string;
  folder: string;
  description: string;
  hiddenAt: Date | null;
};

export type Consent = {
  topic: string;
  channel: Channel;
  type: ConsentType;
  reason: string;
  source: string;
  modifiedAt: Date;
};

/** How many people have a consent. */
export type TopicCount = { topicId: TopicId; channel: Channel; type: ConsentType; people: number };

/** A consent of one of several profiles, as shown on a page. */
export type ShownConsent = {
  profileId: ProfileId;
  topicId: TopicId;
  topic: string;
  channel: Channel;
  type: ConsentType;
  modifiedAt: Date;
};

/** The same for the profile's own page. `from`: where it was given, or through what: 'form Newsletter', 'By hand by Mia'. */
export type HeldConsent = ShownConsent & { folder: string; hidden: boolean; from: string };
