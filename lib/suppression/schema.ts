// Addresses that get nothing, by channel. The list is of addresses, not of people: it stays when a profile is erased.
import { z } from 'zod';
import type { Channel } from '@/lib/consents/schema';

export const REASONS = ['complaint', 'hard', 'manual', 'soft'] as const;
/**
 * `hard`: the address does not exist, or refuses for good. `complaint`: the person called a message spam. `manual`: put
 * there by a person. `soft`: it was full or away too often. Earlier ones in `REASONS` outweigh later ones.
 */
export type SuppressionReason = (typeof REASONS)[number];
export const SuppressionReasonSchema = z.enum(REASONS);

/** Reasons that stop every message. The others stop marketing only. */
export const STOPS_ALL: readonly SuppressionReason[] = ['complaint', 'hard'];

/** The kind of key that an address of a channel is. */
export const KEY_OF_CHANNEL = { email: 'email', sms: 'mobile' } as const;

export const REASON_WORDS: Record<SuppressionReason, string> = {
  complaint: 'complained',
  hard: 'bounced',
  manual: 'by hand',
  soft: 'bounced repeatedly',
};

/** An entry as pages show it. `by`: the person or API client; null: Tagwell itself, or the person whose address it is. */
export type SuppressionEntry = {
  id: number;
  channel: Channel;
  address: string;
  reason: SuppressionReason;
  evidence: string;
  at: Date;
  by: string | null;
  liftedAt: Date | null;
  liftedBy: string | null;
  liftReason: string;
};

/** Where a page of the list begins: after this entry. */
export type SuppressionPlace = { at: Date; id: number };

/** The most addresses of one call. */
export const ADDRESSES_MAX = 5_000;
