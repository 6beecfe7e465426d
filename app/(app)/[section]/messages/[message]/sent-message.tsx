'use client';
// A message that is scheduled, going out, or has gone out: how far it is, what can be done, and what became of it.
import { ChartColumn, Copy, Eye, Send } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState, type ReactNode } from 'react';
import { reasonsFor, reasonWords } from '@/components/messages/audience-words';
import { PartChips } from '@/components/messages/part-chips';
import { Preview } from '@/components/messages/editor/preview';
import { SmsPreview } from '@/components/messages/sms-preview';
import { Button, ButtonLink } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Badge, cardClass } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import type { Topic } from '@/lib/consents/schema';
import type { SectionId } from '@/lib/db/ids';
import { plainText } from '@/lib/mail-document/template';
import { variantsOf } from '@/lib/messages/ab-schema';
import type { PublishedMessage } from '@/lib/messages/archive';
import type { MessageDetails } from '@/lib/messages/queries';
import { AttentionBanner } from '../attention';
import { statusOf } from '../status';
import { useMessageActions } from '../use-message-actions';
import { AbCard } from './ab-card';
import { AgainDialog, type Whom } from './again-dialog';
import { ApprovalCard } from './approval-card';
import { ApprovalHistory, type ShownApproval } from './approval-history';
import type { InJson } from '@/components/ui/in-json';
import { AskedFor } from './asked-for';
import { OutcomeCard } from './outcome-card';
import { SendPanel } from './send-panel';
import { hasEnded, useSend, type ShownSend } from './use-send';
import { WebPageCard } from './web-page-card';

type Props = {
  section: { id: SectionId; slug: string };
  message: InJson<MessageDetails>;
  send: ShownSend;
  topics: readonly Topic[];
  /** What its sender says it is from; null: the sender was removed. */
  from: string | null;
  approvals: readonly ShownApproval[];
  /** Its page on the web; null: it never had one. */
  published: InJson<PublishedMessage> | null;
  /** How many it failed for, in all of its sends. */
  failed: number;
  /** Begins with the question whether to send it to them. */
  asksForFailed: boolean;
  /** A send has to be approved. */
  asks: boolean;
  /** May pause, go on and cancel. */
  mayAct: boolean;
  /** May approve it, or send it back. */
  mayDecide: boolean;
};

export function SentMessage(props: Props) {
  const {
    section,
    message,
    send: initial,
    topics,
    from,
    approvals,
    published,
    failed,
    asks,
    mayAct,
    mayDecide,
  } = props;
  const router = useRouter();
  const { duplicate } = useMessageActions(section);
  /** The variant that is shown. */
  const [previewed, setPreviewed] = useState<number | null>(null);
  const { content } = message;
  const { send, error, refetch } = useSend(section.slug, initial);
  const status = statusOf({
    isDraft: false,
    isUsedByApi: false,
    send: { ...message.send!, status: send.status, pauseKind: send.pauseKind } as never,
  });
  const ended = hasEnded(send);
  const mayFailed = mayAct && ended && failed > 0;
  /** To whom it is to be sent once more. */
  const [again, setAgain] = useState<Whom | null>(props.asksForFailed && mayFailed ? 'failed' : null);
  const becameDraft =
    send.status === 'nobody' || send.status === 'returned' || (send.status === 'cancelled' && send.startedAt === null);
  useEffect(() => {
    // It is a draft again: the page shows its editor.
    if (becameDraft) router.refresh();
  }, [becameDraft, router]);
  // The server has more to say of it: who decided, and what there is once it is over.
  const isOutdated = send.status !== initial.status && (initial.status === 'asked' || ended);
  useEffect(() => {
    if (isOutdated) router.refresh();
  }, [isOutdated, router]);
  const isAsked = send.status === 'asked';
  const decided = () => {
    void refetch();
    router.refresh();
  };
  return (
    <>
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 pb-4">
        <div className="min-w-0 flex-1 basis-64">
          <p className="text-muted text-[13px]">
            <Link href={`/${section.slug}/messages`} className="underline">
              All messages
            </Link>
          </p>
          <h1 className="flex flex-wrap items-center gap-2 text-xl font-semibold wrap-anywhere">
            {message.name} {content.channel === 'sms' && <Badge>SMS</Badge>}{' '}
            <Badge tone={status.tone}>{status.text}</Badge>
          </h1>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {mayAct && ended && !becameDraft && (
            <Button onPress={() => setAgain('new')}>
              <Send aria-hidden className="size-4" /> Send to new people…
            </Button>
          )}
          <Button onPress={() => setPreviewed(send.winner ?? 0)}>
            <Eye aria-hidden className="size-4" /> See it
          </Button>
          {send.recipients > 0 && (
            <ButtonLink
              href={`/${section.slug}/messages/${message.id}/report`}
              variant={ended ? 'primary' : 'secondary'}
            >
              <ChartColumn aria-hidden className="size-4" /> Report
            </ButtonLink>
          )}
          <Button onPress={() => void duplicate(message.id)}>
            <Copy aria-hidden className="size-4" /> Make a copy
          </Button>
        </div>
      </header>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {send.frozenAt === null && !ended && <AttentionBanner reasons={message.attention} />}
          {isAsked && mayDecide && (
            <ApprovalCard
              section={section}
              name={message.name}
              send={send}
              askedBy={approvals[0]?.askedBy ?? null}
              onDecided={decided}
            />
          )}
          <SendPanel
            section={section}
            send={send}
            unread={error}
            mayAct={mayAct}
            mayDecide={mayDecide}
            onChanged={() => void refetch()}
          />
          {isAsked && <AskedFor slug={section.slug} message={message} from={from} ofFailed={send.ofFailed} />}
          {send.ab && content.channel === 'email' && (
            <AbCard
              section={section}
              send={{ ...send, ab: send.ab }}
              subjects={variantsOf(content).map(({ subject }) => plainText(subject))}
              mayAct={mayAct}
              onSee={setPreviewed}
              onChanged={() => void refetch()}
            />
          )}
          {send.recipients > 0 && (
            <OutcomeCard
              section={section}
              send={send}
              mayAct={mayAct}
              onChanged={() => void refetch()}
              failed={mayFailed ? { people: failed, onSend: () => setAgain('failed') } : null}
            />
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <AboutCard section={section} message={message} send={send} topics={topics} from={from} />
          {content.channel === 'email' && send.frozenAt !== null && (
            <WebPageCard sectionId={section.id} messageId={message.id} page={published} />
          )}
          <ApprovalHistory entries={approvals} />
        </div>
      </div>
      {previewed !== null && content.channel === 'email' && (
        <Preview
          slug={section.slug}
          document={variantsOf(content)[previewed]!}
          among={{
            audience: message.audience,
            about: { channel: 'email', kind: message.kind, topicIds: message.topicIds },
          }}
          onClose={() => setPreviewed(null)}
        />
      )}
      {previewed !== null && content.channel === 'sms' && (
        <Dialog title="Preview" isOpen onClose={() => setPreviewed(null)} unsaved={false}>
          <SmsPreview slug={section.slug} text={content.text} settings={message.settings} from={from} />
        </Dialog>
      )}
      {again && (
        <AgainDialog
          section={section}
          message={message}
          whom={again}
          asks={asks}
          onCopy={() => void duplicate(message.id, true)}
          onClose={() => setAgain(null)}
        />
      )}
    </>
  );
}

function AboutCard({
  section,
  message,
  send,
  topics,
  from,
}: Pick<Props, 'section' | 'message' | 'send' | 'topics' | 'from'>) {
  const { content, topicIds, kind, audience } = message;
  const parts = { slug: section.slug, lost: [], hidden: message.hidden.tags };
  const names = topics.filter(({ id }) => topicIds.includes(id)).map(({ name }) => name);
  const left = topicIds.length - names.length;
  return (
    <section aria-labelledby="about" className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 id="about" className="font-medium">
        About it
      </h2>
      <dl className="flex flex-col gap-2 text-[13px]">
        {content.channel === 'email' && <Fact name="Subject">{plainText(content.document.subject)}</Fact>}
        {from !== null && <Fact name="From">{from}</Fact>}
        <Fact name="Through">
          {send.senderName}
          {send.isMailbox && ' (nothing leaves this server)'}
        </Fact>
        <Fact name={kind === 'service' ? 'Kind' : 'Topics'}>
          {kind === 'service'
            ? 'Service: sent whatever people have agreed to'
            : [...names, left > 0 && `${left} hidden`].filter(Boolean).join(', ')}
        </Fact>
        <Fact name="To">
          {send.ofFailed ? (
            'Those for whom it had failed'
          ) : audience.include.length === 0 ? (
            'Everyone'
          ) : (
            <PartChips {...parts} label="Included" parts={audience.include} />
          )}
          {audience.most !== null && `, a random part of at most ${audience.most.toLocaleString('en-GB')}`}
        </Fact>
        {audience.exclude.length > 0 && (
          <Fact name="Not to">
            <PartChips {...parts} label="Left out" parts={audience.exclude} />
          </Fact>
        )}
        {send.promised !== null && (
          <Fact name="People when it was scheduled">{send.promised.toLocaleString('en-GB')}</Fact>
        )}
        {send.counts && (
          <Fact name="People when it started">
            {send.counts.gets.toLocaleString('en-GB')} of {send.counts.matches.toLocaleString('en-GB')} who matched
            <Others counts={send.counts} message={message} />
          </Fact>
        )}
      </dl>
    </section>
  );
}

/** Why others who were chosen did not get it. */
function Others({ counts, message }: { counts: NonNullable<ShownSend['counts']>; message: InJson<MessageDetails> }) {
  const { kind, audience, channel } = message;
  const reasons = reasonsFor(kind, audience).flatMap((reason) =>
    reason === 'gets' || counts[reason] === 0
      ? []
      : [{ label: reasonWords(reason, channel, audience).label, people: counts[reason] }],
  );
  const lines = [...reasons, ...(counts.leftOut ? [{ label: 'Left out by “Not to”', people: counts.leftOut }] : [])];
  if (lines.length === 0) return null;
  return (
    <ul className="text-muted">
      {lines.map(({ label, people }) => (
        <li key={label}>
          {label}: {people.toLocaleString('en-GB')}
        </li>
      ))}
    </ul>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-muted">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
