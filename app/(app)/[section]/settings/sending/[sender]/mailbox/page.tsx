import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import type { MessageId } from '@/lib/db/ids';
import { readMailbox } from '@/lib/sending/reads';
import { MailboxView } from './mailbox-view';

export const metadata = { title: 'Built-in mailbox' };

const PAGE = 50;
const number = (text: string | undefined) => (/^[1-9]\d{0,14}$/.test(text ?? '') ? Number(text) : undefined);

type Props = {
  params: Promise<{ section: string; sender: string }>;
  searchParams: Promise<Partial<Record<'search' | 'before' | 'mail' | 'message', string | string[]>>>;
};

export default async function MailboxPage({ params, searchParams }: Props) {
  const { section: slug, sender: senderId } = await params;
  const { actor, section } = await requireSection(slug);
  const given = Object.fromEntries(
    Object.entries(await searchParams).map(([name, value]) => [name, [value].flat()[0] ?? '']),
  );
  const search = (given.search ?? '').slice(0, 200);
  const mailId = number(given.mail);
  const messageId = number(given.message) as MessageId | undefined;
  const page = { search, messageId, before: number(given.before), mailId, limit: PAGE + 1 };
  const found = await readMailbox(actor, { sectionId: section.id, senderId, ...page });
  if (!found.ok) return <Refused actor={actor} what="Sending" refusal={found.refusal} />;
  const { sender, mails, open, beside, reader } = found.value;
  return (
    <MailboxView
      section={{ id: section.id, slug: section.slug }}
      sender={sender}
      mails={mails.slice(0, PAGE)}
      search={search}
      messageId={messageId ?? null}
      before={page.before ?? null}
      older={mails.length > PAGE ? (mails[PAGE - 1]?.id ?? null) : null}
      open={open}
      beside={beside}
      reader={reader}
      isGone={mailId !== undefined && open === null}
    />
  );
}
