'use client';
// A message that is being written: what it says, who gets it, when it goes. Every change is saved.
import { FlaskConical } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useEffect, useState } from 'react';
import { nameWithTime } from '@/lib/naming/names';
import { useSaveKeys } from '@/components/ui/hotkeys';
import { SendTo } from '@/components/messages/send-to';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { Attribute } from '@/lib/attributes/schema';
import type { Topic } from '@/lib/consents/schema';
import type { SectionId } from '@/lib/db/ids';
import type { ApprovalRule } from '@/lib/messages/approval-schema';
import type { SendLimits } from '@/lib/messages/limits-schema';
import type { Brand } from '@/lib/mail-document/schema';
import { variantsOf } from '@/lib/messages/ab-schema';
import type { ApiUse } from '@/lib/messages/api-use';
import type { MessageDetails, SenderChoice } from '@/lib/messages/queries';
import type { LinkReach } from '@/lib/messages/reach';
import type { SendView } from '@/lib/messages/sends';
import { createMessageAction, saveMessageAction } from '../actions';
import { AttentionBanner } from '../attention';
import type { ShownApproval } from './approval-history';
import { AbStep } from './ab-step';
import { ApiStep } from './api-step';
import { FromField } from './from-field';
import type { InJson } from '@/components/ui/in-json';
import { NameInPlace } from '@/components/ui/name-in-place';
import { NobodyBanner } from './nobody-banner';
import { NotSaved, SaveState } from '@/components/ui/save-state';
import { SendStep } from './send-step';
import { SmsStep } from './sms-step';
import { STEPS, stepsOf } from './steps';
import { NextStep, StepsNav } from './steps-nav';
import { TestDialog } from './test-dialog';
import { TestSmsDialog } from './test-sms-dialog';
import { TopicsStep } from './topics-step';
import { useSavedMessage } from './use-saved-message';
import { MessageMenu } from './message-menu';
import { OwnTemplates } from './own-templates';
import { VariantEditor } from './variant-editor';

type Props = {
  section: { id: SectionId; slug: string };
  message: InJson<MessageDetails>;
  /** The last time that it was scheduled. */
  lastSend: InJson<SendView> | null;
  /** Who has to approve it. */
  rule: ApprovalRule;
  /** How many messages somebody gets at most. */
  limits: SendLimits;
  approvals: readonly ShownApproval[];
  /** The topics that are offered. */
  topics: Topic[];
  senders: SenderChoice[];
  brand: Brand;
  attributes: Attribute[];
  /** How long a person’s own addresses are, in an SMS. */
  linkLength: number;
  /** Where its links lead. */
  links: LinkReach;
  /** The person. */
  own: { name: string; email: string };
  apiUse: InJson<ApiUse>;
  /** Where the API is. */
  origin: string;
  /** An Account Owner or Admin. */
  isAdmin: boolean;
};

export function MessageEditor(props: Props) {
  const {
    section,
    message,
    lastSend,
    rule,
    limits,
    approvals,
    topics,
    senders,
    brand,
    attributes,
    apiUse,
    origin,
    linkLength,
    links,
    own,
    isAdmin,
  } = props;
  const router = useRouter();
  const toast = useToast();
  const [step, setStep] = useQueryState(
    'step',
    parseAsStringLiteral(STEPS).withDefault('content').withOptions({ history: 'push' }),
  );
  const [testing, setTesting] = useState(false);
  /** Of an A/B test, the one that is written. */
  const [variant, setVariant] = useState(0);
  const copying = useSubmission();
  const { id, name, kind, topicIds, senderId, content, audience, settings } = message;
  const saving = useSavedMessage(
    { sectionId: section.id, messageId: id },
    { name, kind, topicIds, senderId, content, audience, settings },
    message.changedAt,
  );
  const { draft, set, save } = saving;
  const about = { channel: draft.content.channel, kind: draft.kind, topicIds: draft.topicIds };
  const sender = senders.find((one) => one.id === draft.senderId);
  const list = `/${section.slug}/messages`;

  /** What is written here becomes a message of its own, and the saved one stays. */
  async function keepAsCopy() {
    const mine = nameWithTime(draft.name);
    const made = await copying.send(createMessageAction, {
      sectionId: section.id,
      name: mine,
      channel: message.channel,
    });
    if (!made.ok) return toast(made.refusal.message, { tone: 'danger' });
    const messageId = made.value.id;
    const input = { ...draft, sectionId: section.id, messageId, name: mine, seen: made.value.changedAt };
    const saved = await copying.send(saveMessageAction, input);
    if (!saved.ok) return toast(saved.refusal.message, { tone: 'danger' });
    saving.forget();
    toast(`What you wrote is in “${mine}”`);
    router.push(`${list}/${messageId}`);
  }

  function showSaved() {
    saving.forget();
    window.location.reload();
  }

  // What has been repaired needs no attention any more, which the server knows.
  const repaired = message.attention.length > 0 && saving.state === 'saved' && saving.changedAt !== message.changedAt;
  useEffect(() => {
    if (repaired) router.refresh();
  }, [repaired, saving.changedAt, router]);

  useSaveKeys(() => void save());

  return (
    <>
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 pb-3">
        <div className="min-w-0 flex-1 basis-64">
          <p className="text-muted flex items-center gap-2 text-[13px]">
            <Link href={list} className="underline">
              All messages
            </Link>
            · <SaveState state={saving.state} />
          </p>
          <NameInPlace name={draft.name} onRename={(next) => save({ name: next })} />
        </div>
        <div className="flex items-center gap-2">
          <Button onPress={() => setTesting(true)}>
            <FlaskConical aria-hidden className="size-4" /> Send a test…
          </Button>
          <MessageMenu
            section={section}
            message={{ id, name: draft.name, channel: message.channel }}
            save={save}
            onDeleted={() => {
              saving.forget();
              router.push(list);
            }}
          />
        </div>
      </header>
      <div className="mb-3 flex flex-col gap-2 empty:hidden">
        {saving.refusal && saving.refusal.field !== 'name' && (
          <NotSaved
            thing="message"
            refusal={saving.refusal}
            copying={copying.pending}
            onRetry={() => void save()}
            onCopy={() => void keepAsCopy()}
            onReload={showSaved}
          />
        )}
        <AttentionBanner reasons={message.attention} />
        {lastSend?.status === 'nobody' && <NobodyBanner send={lastSend} channel={message.channel} />}
        {lastSend?.status === 'returned' && approvals[0] && (
          <Banner tone="warning">
            <p>{approvals[0].decidedBy ?? 'Somebody'} has sent it back. Change it, and ask for approval again.</p>
            <p className="mt-1 wrap-anywhere whitespace-pre-line">“{approvals[0].note}”</p>
          </Banner>
        )}
        {lastSend?.status === 'cancelled' && message.send && message.changedAt < (lastSend.endedAt ?? '') && (
          <Banner>It was unscheduled before anything left. It is a draft again.</Banner>
        )}
      </div>
      <StepsNav
        steps={stepsOf(draft.content.channel, draft.kind, apiUse.wasUsed)}
        step={step}
        onGo={(next) => void setStep(next)}
      />
      {step === 'content' && draft.content.channel === 'email' && (
        <div className="flex flex-col gap-4">
          <FromField
            slug={section.slug}
            channel="email"
            senders={senders}
            value={draft.senderId}
            isAdmin={isAdmin}
            onChange={(next) => set({ senderId: next })}
          />
          <VariantEditor
            slug={section.slug}
            content={draft.content}
            variant={variant}
            replaced={saving.replaced}
            brand={brand}
            attributes={attributes}
            hidden={message.hidden}
            among={{ audience: draft.audience, about }}
            forApi={draft.kind === 'service'}
            startFrom={<OwnTemplates section={section} />}
            onVariant={setVariant}
            onChange={(next) => set({ content: next })}
          />
          <NextStep name="Send To" onGo={() => void setStep('send-to')} />
        </div>
      )}
      {step === 'content' && draft.content.channel === 'sms' && (
        <div className="flex flex-col gap-4">
          <FromField
            slug={section.slug}
            channel="sms"
            senders={senders}
            value={draft.senderId}
            isAdmin={isAdmin}
            onChange={(next) => set({ senderId: next })}
          />
          <SmsStep
            key={saving.replaced}
            slug={section.slug}
            text={draft.content.text}
            attributes={attributes}
            hidden={message.hidden}
            from={sender?.from ?? null}
            among={{ audience: draft.audience, about }}
            isMarketing={draft.kind === 'marketing'}
            settings={draft.settings}
            onSettings={(settings) => set({ settings })}
            linkLength={linkLength}
            onChange={(text) => set({ content: { channel: 'sms', text } })}
          />
          <NextStep name="Send To" onGo={() => void setStep('send-to')} />
        </div>
      )}
      {step === 'send-to' && (
        <div className="flex flex-col gap-4">
          <TopicsStep
            slug={section.slug}
            topics={topics}
            kind={draft.kind}
            topicIds={draft.topicIds}
            isAdmin={isAdmin}
            onChange={set}
          />
          {apiUse.wasUsed ? (
            <NextStep name="Use by the API" onGo={() => void setStep('api')} />
          ) : (
            <>
              <SendTo
                slug={section.slug}
                value={draft.audience}
                about={about}
                onChange={(next) => set({ audience: next })}
              />
              <NextStep name="Send" onGo={() => void setStep('send')}>
                {draft.content.channel === 'email' && <Button onPress={() => void setStep('ab')}>A/B test…</Button>}
              </NextStep>
            </>
          )}
        </div>
      )}
      {step === 'ab' && draft.content.channel === 'email' && (
        <div className="flex flex-col gap-4">
          <AbStep
            slug={section.slug}
            content={draft.content}
            audience={draft.audience}
            about={about}
            onChange={(next) => set({ content: next })}
            onEdit={(next) => {
              setVariant(next);
              void setStep('content');
            }}
          />
          <NextStep name="Send" onGo={() => void setStep('send')} />
        </div>
      )}
      {step === 'send' && (
        <SendStep
          section={section}
          messageId={id}
          draft={draft}
          about={about}
          attention={message.attention}
          hidden={message.hidden}
          linkLength={linkLength}
          topics={topics}
          senders={senders}
          leaving={{ slug: section.slug, isAdmin, links, sentBy: brand.sentBy }}
          saving={saving}
          rule={rule}
          limits={limits}
          approvals={approvals}
          attributes={attributes}
          onStep={(next) => void setStep(next)}
          onTest={() => setTesting(true)}
        />
      )}
      {step === 'api' && (
        <ApiStep
          section={section}
          messageId={id}
          name={draft.name}
          apiUse={apiUse}
          origin={origin}
          isAdmin={isAdmin}
          saving={saving}
        />
      )}
      {testing && draft.content.channel === 'sms' && (
        <TestSmsDialog
          section={section}
          messageId={id}
          mailbox={sender?.isMailbox ? sender.id : null}
          hasTopics={draft.kind === 'service' || draft.topicIds.length > 0}
          save={save}
          onClose={() => setTesting(false)}
        />
      )}
      {testing && draft.content.channel === 'email' && (
        <TestDialog
          section={section}
          messageId={id}
          own={own}
          variants={draft.content.channel === 'email' ? variantsOf(draft.content).length : 1}
          mailbox={sender?.isMailbox ? sender.id : null}
          hasTopics={draft.kind === 'service' || draft.topicIds.length > 0}
          save={save}
          onClose={() => setTesting(false)}
        />
      )}
    </>
  );
}
