// What messages of a channel are called, and who takes them.
import type { Channel } from '@/lib/consents/schema';

/** `one`, `many`: what is sent. `taker`: who it is handed over to. `theirs`: who says whether it arrives. */
export const CHANNEL_WORDS: Record<Channel, { one: string; many: string; taker: string; theirs: string }> = {
  email: { one: 'mail', many: 'mails', taker: 'mail server', theirs: 'Their mail server' },
  sms: { one: 'SMS', many: 'SMS', taker: 'provider', theirs: 'The provider' },
};

/** 'a mail', 'an SMS'. */
export const aMessage = (channel: Channel): string => (channel === 'email' ? 'a mail' : 'an SMS');
