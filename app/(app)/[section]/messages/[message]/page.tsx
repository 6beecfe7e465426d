import type { Metadata } from 'next';
import { cache } from 'react';
import { publicOrigin } from '@/app/public-origin';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import type { UserActor } from '@/lib/access/actor';
import { mayAct } from '@/lib/access/policy';
import { readAttributes } from '@/lib/attributes/reads';
import { readTopics } from '@/lib/consents/reads';
import type { SectionId } from '@/lib/db/ids';
import { readApprovals } from '@/lib/messages/approval';
import { readPublished } from '@/lib/messages/archive';
import { readBrand } from '@/lib/messages/brand';
import { readSendLimits } from '@/lib/messages/limits';
import { readApiUse } from '@/lib/messages/api-use';
import { readMessage, readSenderChoices } from '@/lib/messages/reads';
import { linkReach } from '@/lib/messages/reach';
import { readFailed, readSend } from '@/lib/messages/sends';
import { ownLinkLength } from '@/lib/messages/sms-content';
import { MessageEditor } from './message-editor';
import { SentMessage } from './sent-message';
import { inJson } from '@/components/ui/in-json';
import { UsedBy } from '@/components/used-in/used-by';
import { readUsersOfThing } from '@/lib/used-in/reads';

type Props = {
  params: Promise<{ section: string; message: string }>;
  /** `again=failed`: with the question whether to send it to those for whom it failed. */
  searchParams: Promise<{ again?: string }>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section: slug, message: messageId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readMessageOnce(actor, section.id, messageId);
  return { title: found.ok ? found.value.name : 'Message' };
}

/** The title and the page ask for the same message. */
const readMessageOnce = cache((actor: UserActor, sectionId: SectionId, messageId: string) =>
  readMessage(actor, { sectionId, messageId }),
);

export default async function MessagePage({ params, searchParams }: Props) {
  const { section: slug, message: messageId } = await params;
  const { actor, section } = await requireSection(slug);
  const of = { sectionId: section.id };
  const message = await valueForPage(readMessageOnce(actor, section.id, messageId));
  const [topics, senders, send, approvals, apiUse, published] = await Promise.all([
    valueForPage(readTopics(actor, of)),
    valueForPage(readSenderChoices(actor, { ...of, channel: message.channel })),
    message.send ? valueForPage(readSend(actor, { ...of, sendId: message.send.id })) : null,
    valueForPage(readApprovals(actor, { ...of, messageId })),
    valueForPage(readApiUse(actor, { ...of, messageId })),
    valueForPage(readPublished(actor, { ...of, messageId })),
  ]);
  const place = { id: section.id, slug };
  const isAdmin = mayAct(actor, 'integrators');
  if (!message.isDraft && send) {
    const [failed, { again }] = await Promise.all([
      valueForPage(readFailed(actor, { ...of, messageId })),
      searchParams,
    ]);
    return (
      <SentMessage
        key={send.id}
        section={place}
        message={inJson(message)}
        send={inJson(send)}
        topics={topics}
        approvals={inJson(approvals.entries)}
        published={inJson(published)}
        failed={failed}
        asksForFailed={again === 'failed'}
        asks={approvals.rule !== 'none'}
        from={senders.find(({ id }) => id === send.senderId)?.from ?? null}
        mayAct={isAdmin || message.kind !== 'service'}
        mayDecide={
          approvals.entries[0]?.askedById !== actor.userId &&
          (isAdmin || (message.kind !== 'service' && approvals.rule !== 'admins'))
        }
      />
    );
  }
  const [limits, brand, attributes, users] = await Promise.all([
    valueForPage(readSendLimits(actor, of)),
    valueForPage(readBrand(actor, of)),
    valueForPage(readAttributes(actor, of)),
    valueForPage(readUsersOfThing(actor, { ...of, kind: 'message', id: message.id })),
  ]);
  return (
    <>
      <MessageEditor
        key={message.id}
        section={place}
        message={inJson(message)}
        lastSend={send && inJson(send)}
        rule={approvals.rule}
        limits={limits}
        approvals={inJson(approvals.entries)}
        topics={topics}
        senders={senders}
        brand={brand}
        attributes={attributes}
        linkLength={ownLinkLength(section.id)}
        links={linkReach()}
        apiUse={inJson(apiUse)}
        origin={await publicOrigin()}
        own={{ name: actor.name, email: actor.email }}
        isAdmin={isAdmin}
      />
      <UsedBy slug={slug} users={users} />
    </>
  );
}
