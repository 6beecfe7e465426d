// What pages about senders call things.
import type { Tone } from '@/components/ui/display';
import type { SectionId } from '@/lib/db/ids';
import type { Outcome } from '@/lib/sending/outcome';
import type { Finding, SenderView } from '@/lib/sending/schema';

export type SectionRef = { id: SectionId; slug: string };

export const STATES: Record<Finding['state'], { label: string; tone?: Tone }> = {
  fine: { label: 'Fine', tone: 'success' },
  missing: { label: 'Missing', tone: 'warning' },
  wrong: { label: 'Wrong', tone: 'danger' },
  unknown: { label: 'Not known' },
};

export const ENCRYPTION_WORDS = { tls: 'TLS', starttls: 'STARTTLS', none: 'not encrypted' } as const;

/** Where a sender leads, in a few words. */
export const placeOf = ({ server }: Pick<SenderView, 'server'>): string =>
  server ? `${server.host}:${server.port}, ${ENCRYPTION_WORDS[server.encryption]}` : 'Keeps mails here, sends nothing';

/** What became of a test mail, in a sentence. */
export function outcomeInWords(outcome: Outcome, to: string, isMailbox: boolean): { text: string; fine: boolean } {
  const said = outcome.code === null ? outcome.text : `The server said: ${outcome.code} ${outcome.text}`;
  switch (outcome.kind) {
    case 'sent':
      return {
        text: isMailbox ? 'The test mail is in the mailbox' : `The server has taken the test mail to ${to}`,
        fine: true,
      };
    case 'deferred':
      return { text: `The test mail was not taken for now. ${said}`, fine: false };
    case 'refused':
      return { text: `The test mail was refused. ${said}`, fine: false };
    case 'senderFault':
      return { text: `The test mail could not be handed over. ${said}`, fine: false };
    case 'unknown':
      return { text: `Nobody knows whether the test mail was taken. ${said}`, fine: false };
  }
}
