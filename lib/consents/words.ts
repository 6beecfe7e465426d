// Consents in words.
import type { Channel, ConsentType } from './schema';

export const CHANNEL_NAMES: Record<Channel, string> = { email: 'Email', sms: 'SMS' };

export const CONSENT_WORDS: Record<ConsentType, string> = {
  'opt-in': 'opted in',
  'opt-out': 'opted out',
  'pending-opt-in': 'not confirmed yet',
  'confirmed-opt-in': 'opted in, confirmed',
};
