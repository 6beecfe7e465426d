// What profiles agree to: a topic, on a channel.
import { z } from 'zod';
import type { TopicId } from '@/lib/db/ids';

export const CHANNELS = ['email', 'sms'] as const;
export type Channel = (typeof CHANNELS)[number];
export const ChannelSchema = z.enum(CHANNELS);

export const CONSENT_TYPES = ['opt-in', 'opt-out', 'pending-opt-in', 'confirmed-opt-in'] as const;
export type ConsentType = (typeof CONSENT_TYPES)[number];
/** From least to most strict. When two profiles are merged, the stricter consent wins. */
export const STRICTNESS: readonly ConsentType[] = ['confirmed-opt-in', 'opt-in', 'pending-opt-in', 'opt-out'];
export const ConsentTypeSchema = z.enum(CONSENT_TYPES);

export type Topic = { id: TopicId; discriminator: string; name: string };

export type Consent = {
  topic: string;
  channel: Channel;
  type: ConsentType;
  reason: string;
  source: string;
  modifiedAt: Date;
};
