// Addresses that no page can have.
import { UNSTORABLE } from '@/lib/access/refusal';

const UNDECODABLE = 'The address contains a % that is not followed by a valid character code. Check the link.';

/** Why an address cannot be one of ours; null if it can. */
export function unreadablePath(url: string): string | null {
  // PostgreSQL text cannot contain NUL, so nothing can match it.
  if (url.includes('%00')) return UNSTORABLE;
  try {
    decodeURIComponent(url.split('?')[0]!);
    return null;
  } catch {
    return UNDECODABLE;
  }
}
