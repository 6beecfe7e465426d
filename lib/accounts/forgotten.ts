// Asking for a link to set a new password, without being signed in. The answer does not reveal whether the address exists.
import { z } from 'zod';
import type { Origin } from '@/lib/access/actor';
import { parseInput, refused } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { networkOf } from '@/lib/config/address-range';
import { transaction } from '@/lib/db/pool';
import { requireAttempt, type Limit } from './attempts';
import { EmailSchema } from './schema';
import { noteForgotten, offersPasswordMails } from './system-mail';

const Asked = z.object({ email: EmailSchema });

/** Per address, whether it exists or not; per network; and of all together, so that nobody floods the outbox. */
const limitsOf = (email: string, { ip }: Origin): Limit[] => [
  {
    key: `forgotten:${JSON.stringify(email)}`,
    free: 3,
    firstSeconds: 60,
    longestSeconds: 3_600,
    onSuccess: 'give back',
  },
  { key: `forgotten-from:${networkOf(ip)}`, free: 10, firstSeconds: 30, longestSeconds: 900, onSuccess: 'give back' },
  { key: 'forgotten', free: 500, firstSeconds: 1, longestSeconds: 2, onSuccess: 'give back' },
];

/** Has a link sent to an address, if somebody with it may sign in. */
export async function askForPasswordLink(raw: unknown, from: Origin): Promise<Result<null>> {
  try {
    const { email } = parseInput(Asked, raw);
    if (!(await offersPasswordMails())) refuse('conflict', 'Ask an Account Owner or Admin for a link.');
    await requireAttempt(limitsOf(email, from));
    await transaction((tx) => noteForgotten(tx, email));
    return { ok: true, value: null };
  } catch (error) {
    return refused(error);
  }
}
