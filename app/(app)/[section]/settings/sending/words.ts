// What pages about senders call things.
import type { Tone } from '@/components/ui/display';
import type { SectionId } from '@/lib/db/ids';
import type { Outcome } from '@/lib/sending/outcome';
import type { Finding, SenderView } from '@/lib/sending/schema';
import { SMS_KIND_NAMES } from '@/lib/sms/kinds';

export type SectionRef = { id: SectionId; slug: string };

export const STATES: Record<Finding['state'], { label: string; tone?: Tone }> = {
  fine: { label: 'Fine', tone: 'success' },
  missing: { label: 'Missing', tone: 'warning' },
  wrong: { label: 'Wrong', tone: 'danger' },
  unknown: { label: 'Not known' },
};

export const ENCRYPTION_WORDS = { tls: 'TLS', starttls: 'STARTTLS', none: 'not encrypted' } as const;

/** Where a sender leads, in a few words. */
export function placeOf({ server, sms }: Pick<SenderView, 'server' | 'sms'>): string {
  if (sms)
    return `SMS by ${sms.account.kind === 'sms-http' ? 'a provider of your own' : SMS_KIND_NAMES[sms.account.kind]}`;
  return server
    ? `${server.host}:${server.port}, ${ENCRYPTION_WORDS[server.encryption]}`
    : 'Keeps mails and SMS here, sends nothing';
}

/** What became of a test, in a sentence. */
export function outcomeInWords(
  outcome: Outcome,
  to: string,
  isMailbox: boolean,
  what: 'mail' | 'SMS' = 'mail',
): { text: string; fine: boolean } {
  const who = what === 'mail' ? 'The server' : 'The provider';
  const said = outcome.code === null ? outcome.text : `${who} said: ${outcome.code} ${outcome.text}`;
  switch (outcome.kind) {
    case 'sent':
      return {
        text: isMailbox ? `The test ${what} is in the mailbox` : `${who} has taken the test ${what} to ${to}`,
        fine: true,
      };
    case 'deferred':
      return { text: `The test ${what} was not taken for now. ${said}`, fine: false };
    case 'refused':
      return { text: `The test ${what} was refused. ${said}`, fine: false };
    case 'senderFault':
      return { text: `The test ${what} could not be handed over. ${said}`, fine: false };
    case 'unknown':
      return { text: `Nobody knows whether the test ${what} was taken. ${said}`, fine: false };
  }
}
