// What is to be thought of before a message really leaves: whether its links work for others, whether mailboxes trust the sender’s domain, and
// whether it says who sends it.
import { linesOf } from '@/lib/mail-document/blocks';
import { plainText } from '@/lib/mail-document/template';
import { variantsOf } from '@/lib/messages/ab-schema';
import type { SenderChoice } from '@/lib/messages/queries';
import { hasOwnLinks } from '@/lib/messages/sms-text';
import type { LinkReach } from '@/lib/messages/reach';
import type { Check } from './check';
import type { Draft } from './draft';

export type Leaving = {
  slug: string;
  isAdmin: boolean;
  links: LinkReach;
  /** Who sends, with a postal address, as every mail of the section ends; empty: that was not entered. */
  sentBy: string;
};

export const leavingChecks = (draft: Draft, sender: SenderChoice | undefined, leaving: Leaving): Check[] => [
  ...(sender && !sender.isMailbox ? links(draft, leaving) : []),
  ...(sender && !sender.isMailbox && draft.content.channel === 'email' ? domain(sender, leaving) : []),
  ...(draft.kind === 'marketing' ? sentBy(draft, leaving) : []),
];

function links({ content, kind, settings }: Draft, { links: { address, reach, isSecure } }: Leaving): Check[] {
  if (content.channel === 'sms' && !hasOwnLinks(content.text, settings)) return [];
  const check = { id: 'links', title: 'Links', step: null };
  const runs = 'The person who runs Tagwell sets the right address with TAGWELL_URL.';
  const which =
    content.channel === 'email'
      ? 'All links that Tagwell adds, such as the one to unsubscribe,'
      : 'Its opt-out link and links that are counted';
  if (reach === 'machine')
    return [
      { ...check, state: 'missing', words: [`${which} lead to ${address}, which nobody else can open. ${runs}`] },
    ];
  const words = [
    reach === 'network' && `${which} lead to ${address}, which only people in your network can open. ${runs}`,
    !isSecure &&
      content.channel === 'email' &&
      kind === 'marketing' &&
      `Mail programs show no button of their own to unsubscribe, which Gmail and Yahoo demand of everybody who sends many mails: it needs an address with https, and Tagwell is at ${address}.`,
  ].filter((line) => line !== false);
  return words.length > 0 ? [{ ...check, state: 'advice', words }] : [];
}

function domain({ id, domainFaults }: SenderChoice, { slug, isAdmin }: Leaving): Check[] {
  if (domainFaults?.length === 0) return [];
  const words =
    domainFaults === null
      ? 'Nobody has checked yet whether mailboxes can trust the domain of the sender.'
      : `${domainFaults.join(' and ')} ${domainFaults.length === 1 ? 'is' : 'are'} missing or wrong: many mailboxes refuse such mails, or put them into spam.`;
  return [
    {
      id: 'domain',
      title: 'Domain of the sender',
      state: 'advice',
      words: [isAdmin ? words : `${words} Ask an Admin to look at it.`],
      step: null,
      ...(isAdmin && { href: `/${slug}/settings/sending/${id}` }),
    },
  ];
}

function sentBy({ content }: Draft, { slug, isAdmin, sentBy: footer }: Leaving): Check[] {
  if (content.channel !== 'email' || footer !== '') return [];
  const own = variantsOf(content)[0]!.blocks.some(
    (block) => block.kind === 'footer' && linesOf(block).some((line) => plainText(line) !== ''),
  );
  if (own) return [];
  const words = 'The mail does not say who sends it, with a postal address: in many countries the law asks for that.';
  return [
    {
      id: 'sent-by',
      title: 'Who sends it',
      state: 'advice',
      words: [isAdmin ? words : `${words} Ask an Admin to enter it in Settings, or add a footer.`],
      step: isAdmin ? null : 'content',
      ...(isAdmin && { href: `/${slug}/settings/messages-look` }),
    },
  ];
}
