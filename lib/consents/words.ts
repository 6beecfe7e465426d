// Consents in words.
import type { Channel, ConsentType } from './schema';

export const CHANNEL_NAMES: Record<Channel, string> = { email: 'Email', sms: 'SMS' };
/** Within a sentence. */
export const CHANNEL_IN_TEXT: Record<Channel, string> = { email: 'email', sms: 'SMS' };

/** '3 May', or '3 May 2024' of another year. Of UTC, so that the server says it as the browser does. */
export function dayInWords(at: Date, now = new Date()): string {
  const sameYear = at.getUTCFullYear() === now.getUTCFullYear();
  return at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(!sameYear && { year: 'numeric' }),
    timeZone: 'UTC',
  });
}

export const CONSENT_WORDS: Record<ConsentType, string> = {
  'opt-in': 'opted in',
  'opt-out': 'opted out',
  'pending-opt-in': 'not confirmed yet',
  'confirmed-opt-in': 'opted in, confirmed',
};
