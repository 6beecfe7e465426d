// Writes the mail of one recipient. A test, and a send, are written by the same lines.
import type { SectionId, SendId, TopicId } from '@/lib/db/ids';
import { maybeOne, sql, type Db } from '@/lib/db/sql';
import type { CompiledMail } from '@/lib/mail-document/compile';
import { openFiller, type FilledMail, type Recipient, type RecipientLinks } from '@/lib/mail-document/render';
import { compose, type Composed } from '@/lib/sending/compose/compose';
import { domainOfSender } from '@/lib/sending/open-transport';
import type { OpenSender } from '@/lib/sending/schema';
import type { MessageKind } from '@/lib/suppression/may-receive';
import { shortened } from '@/lib/text/shortened';
import { recipientLinks } from './links';
import { messageIdOf } from './message-id';
import { returnAddressOf } from './return-address';
import type { MessageSettings } from './schema';

/** A mail that cannot be written for a person. The message is for a person. */
export class UnwritableMail extends Error {}

/** `number`: null for a test, whose links act on nobody. `date`: of the first attempt. */
export type MailFor = { number: number | null; address: string; date: Date };

/** What all mails of a send have in common. `sendId`: null for a test. */
export type About = {
  sectionId: SectionId;
  sendId: SendId | null;
  kind: MessageKind;
  /** The first topic that it goes to names the list. */
  topic: { id: TopicId; name: string } | null;
  settings: MessageSettings;
  compiled: CompiledMail;
  sender: OpenSender;
};

/** Writes mails. Throws `UnwritableMail`, or `ComposeError` for an address. */
export type MailWriter = (to: MailFor, person: Recipient) => Composed & { messageId: string };

/** Prepares what all mails of a send have in common. */
export function openWriter({ sectionId, sendId, kind, topic, settings, compiled, sender }: About): MailWriter {
  const fillFor = openFiller(compiled);
  const domain = domainOfSender(sender);
  const marketing = kind === 'marketing';
  const { returns } = sender.settings;
  return ({ number, address, date }, person) => {
    const links = recipientLinks({ sectionId, number, links: compiled.links, settings, values: person.linkValues });
    const mail = filled(() => fillFor(person, links));
    // A mail without a way out must not leave, whatever made it so.
    if (marketing && !hasLink(mail, links)) {
      throw new UnwritableMail('The link to unsubscribe is missing.');
    }
    const messageId = messageIdOf({ sectionId, sendId, number }, domain);
    const composed = compose({
      from: { name: sender.fromName, address: sender.fromAddress },
      to: { name: '', address },
      replyTo: sender.replyTo === null ? null : { name: '', address: sender.replyTo },
      returnTo: returns && returnAddressOf(returns, { sectionId, number }),
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      messageId,
      date,
      automatic: true,
      // One press ends it only over https (RFC 8058).
      ...(marketing && links.unsubscribe.startsWith('https:') && { unsubscribe: { url: links.unsubscribe } }),
      ...(marketing && topic && { list: { name: topic.name, id: `${topic.id}.${sectionId}.${domain}` } }),
      feedback: [`send-${sendId ?? 'test'}`, `topic-${topic?.id ?? 'none'}`, `section-${sectionId}`],
    });
    return { ...composed, messageId };
  };
}

function filled<Value>(render: () => Value): Value {
  try {
    return render();
  } catch (error) {
    throw new UnwritableMail(error instanceof Error ? shortened(error.message, 500) : 'It could not be filled in.');
  }
}

/** What a placeholder stands for is a piece of its own. In HTML, the address is escaped. */
const hasLink = ({ html, text }: FilledMail, { unsubscribe }: RecipientLinks): boolean =>
  unsubscribe !== '' && html.includes(unsubscribe.replaceAll('&', '&amp;')) && text.includes(unsubscribe);

/** The first of the topics, by the order in which they were chosen. */
export function listTopic(
  db: Db,
  sectionId: SectionId,
  topicIds: readonly TopicId[],
): Promise<{ id: TopicId; name: string } | undefined> {
  return maybeOne(
    db,
    sql`
      select id, name from topic where section_id = ${sectionId} and id = any(${topicIds}::int[])
      order by array_position(${topicIds}::int[], id) limit 1`,
  );
}
