// What people are told by mail about their own sign-in, and in which words. Anyone who has their password may also be able to read
// what Tagwell shows, but hardly their mail.
import { z } from 'zod';

const Where = { device: z.string(), place: z.string() };

export const NoticeSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('wrong-codes'), count: z.int(), ...Where }),
  z.object({ what: z.literal('recovery-code-used'), left: z.int(), ...Where }),
  z.object({ what: z.literal('set-up'), ...Where }),
  z.object({ what: z.literal('codes-renewed'), ...Where }),
  z.object({ what: z.literal('turned-off'), ...Where }),
  z.object({ what: z.literal('reset'), by: z.string() }),
]);
export type Notice = z.infer<typeof NoticeSchema>;

/** The notice: what happened, and what to do if it was somebody else. */
export function noticeInWords(
  notice: Notice,
  { account, at }: { account: string; at: Date },
): { subject: string; what: string; next: string } {
  const when = at.toUTCString().replace(/:\d\d GMT$/, ' UTC');
  const from = 'device' in notice ? `${when}, with ${notice.device}, from ${notice.place}` : when;
  const notYou = 'If it was not you, change your password now, and ask an Account Owner or Admin for help.';
  switch (notice.what) {
    case 'wrong-codes':
      return {
        subject: 'Wrong codes at your sign-in to Tagwell',
        what: `Somebody entered your password for ${account} and then ${notice.count} wrong codes in a row. The last time: ${from}.`,
        next: 'If it was not you, somebody knows your password. They did not get in: change it now.',
      };
    case 'recovery-code-used':
      return {
        subject: 'A recovery code was used for Tagwell',
        what: `One of your recovery codes for ${account} was used: ${from}. ${leftInWords(notice.left)}`,
        next: notYou,
      };
    case 'set-up':
      return {
        subject: 'Two-factor sign-in was set up for Tagwell',
        what: `From now on a code of an authenticator app is asked for when you sign in to ${account} by password. It was set up: ${from}.`,
        next: notYou,
      };
    case 'codes-renewed':
      return {
        subject: 'You have new recovery codes for Tagwell',
        what: `New recovery codes were made for ${account}; the earlier ones no longer work. It was done: ${from}.`,
        next: notYou,
      };
    case 'turned-off':
      return {
        subject: 'Two-factor sign-in was turned off for Tagwell',
        what: `Your password alone is enough to sign in to ${account} again. It was turned off: ${from}.`,
        next: notYou,
      };
    case 'reset':
      return {
        subject: 'Your two-factor sign-in for Tagwell was reset',
        what: `${notice.by} reset your two-factor sign-in for ${account}: ${from}. Your authenticator app and your recovery codes no longer work; set it up again under My account.`,
        next: 'If you did not ask for it, talk to an Account Owner or Admin, and change your password.',
      };
  }
}

/** 'You have 3 left.' */
export function leftInWords(left: number): string {
  if (left === 0) return 'You have none left: make new ones.';
  return left === 1 ? 'You have one left.' : `You have ${left} left.`;
}
