// Possible duplicates in words.
import type { Match, Reason } from '@/lib/duplicates/schema';

export const REASON_NAMES: Record<Reason, string> = {
  email: 'Email address',
  name: 'Name and birthday',
  phone: 'Phone number',
};

/** What is compared, for people who wonder what is found. */
export const LOOKED_FOR =
  'Profiles are compared by email address (capitals, what follows a plus, and at Gmail dots make no difference), by name and birthday, and by phone number, however it is written.';

/** What two profiles have in common. */
export function matchInWords({ reason, first, second }: Match): string {
  if (reason === 'name') return 'Same name and birthday';
  const isEqual = first.text === second.text;
  if (reason === 'phone') return isEqual ? 'Same phone number' : 'Same phone number, written in two ways';
  return isEqual ? 'Same email address' : 'Two email addresses of one mailbox';
}
