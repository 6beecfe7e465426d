// The built-in mailbox keeps no mail and no SMS to people who were erased.
import { sql } from '@/lib/db/sql';
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';
import { isOneOf } from '@/lib/profiles/written-keys';
import { readAddress } from '@/lib/sending/address';
import { removeCaught } from '@/lib/sending/mailbox';

export const caughtMailFollower: ProfileFollower = {
  tables: ['caught_mail'],
  erase: async (tx, { cause: { sectionId }, keys }) => {
    // As keys are stored, and as mails are addressed: with the domain in ASCII.
    const written = [...new Set([...keys, ...keys.flatMap((key) => readAddress(key)?.address.toLowerCase() ?? [])])];
    await removeCaught(tx, sectionId, isOneOf(sql`to_address`, written));
  },
  merge: noop,
};
