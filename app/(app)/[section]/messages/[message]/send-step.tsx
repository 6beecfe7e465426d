'use client';
// The last step: what is still missing, how it goes out, and when.
import { CircleAlert, CircleCheck, LoaderCircle, TriangleAlert } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { useAudienceCounts, type AboutMessage } from '@/components/messages/use-audience';
import { Button, ButtonLink } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { Topic } from '@/lib/consents/schema';
import type { MessageId, SectionId } from '@/lib/db/ids';
import type { Attribute } from '@/lib/attributes/schema';
import { limitInWords, type SendLimits } from '@/lib/messages/limits-schema';
import type { ApprovalRule } from '@/lib/messages/approval-schema';
import type { HiddenParts } from '@/lib/messages/attention';
import { leavesAt } from '@/lib/messages/sms-hours';
import { momentIn } from '@/lib/messages/when';
import type { SenderChoice } from '@/lib/messages/queries';
import { scheduleMessageAction } from '../actions';
import { ApprovalHistory, type ShownApproval } from './approval-history';
import type { Draft } from './draft';
import type { Step } from './steps';
import { partsOf } from './ab-words';
import type { Check } from './check';
import { checksOf } from './checks';
import type { Leaving } from './leaving-checks';
import { SendFacts } from './send-facts';
import { SettingsFields } from './settings-fields';
import { SmsCost } from './sms-cost';
import { SmsHours } from './sms-hours';
import type { useSavedMessage } from './use-saved-message';
import { WhenField, wishOf, type Plan } from './when-field';
import { hoursInWords, momentInWords, wishInWords } from './when-words';

type Props = {
  section: { id: SectionId; slug: string };
  messageId: MessageId;
  draft: Draft;
  about: AboutMessage;
  attention: readonly string[];
  hidden: HiddenParts;
  linkLength: number;
  topics: readonly Topic[];
  senders: readonly SenderChoice[];
  leaving: Leaving;
  saving: ReturnType<typeof useSavedMessage>;
  /** Who has to approve it. */
  rule: ApprovalRule;
  /** How many messages somebody gets at most. */
  limits: SendLimits;
  approvals: readonly ShownApproval[];
  onStep: (step: Step) => void;
  onTest: () => void;
  /** The section’s. */
  attributes: readonly Attribute[];
};

export function SendStep(props: Props) {
  const {
    section,
    messageId,
    draft,
    about,
    attention,
    hidden,
    linkLength,
    topics,
    senders,
    leaving,
    saving,
    rule,
    limits,
    approvals,
    onStep,
    onTest,
    attributes,
  } = props;
  const asks = rule !== 'none';
  const limit = draft.kind === 'marketing' ? limits[draft.content.channel] : null;
  const router = useRouter();
  const toast = useToast();
  const [plan, setPlan] = useState<Plan>({ when: 'now' });
  const [asking, setAsking] = useState(false);
  const { refusal, pending, send, setRefusal } = useSubmission({ leaves: true });
  const [isSaving, setSaving] = useState(false);
  const audience = useAudienceCounts({ slug: section.slug, audience: draft.audience, about });
  const counts = audience.data?.counts ?? null;
  const checks = checksOf({ draft, attention, hidden, linkLength, topics, senders, leaving, audience });
  const isReady = checks.every(({ state }) => state === 'fine' || state === 'advice');
  const hasAdvice = checks.some(({ state }) => state === 'advice');
  const wish = wishOf(plan);
  const sender = senders.find(({ id }) => id === draft.senderId);
  const hours =
    draft.content.channel === 'sms' &&
    draft.kind === 'marketing' &&
    sender?.hours &&
    sender.hours.from !== sender.hours.to
      ? sender.hours
      : null;
  const opens = hours && leavesAt(hours, new Date());
  const later =
    hours && opens && opens > new Date() ? `${momentInWords(opens, hours.zone)}, when the hours begin` : null;
  const people = counts === null ? null : inWords(counts.gets);
  const split =
    counts && draft.content.channel === 'email' && draft.content.ab ? partsOf(draft.content.ab, counts.gets) : null;
  const toFirst = counts && split && split.rest > 0 ? inWords(counts.gets - split.rest) : people;

  async function schedule() {
    if (!wish) return;
    setSaving(true);
    const saved = await saving.save();
    setSaving(false);
    if (!saved.ok) return setRefusal(saved.refusal);
    const result = await send(scheduleMessageAction, {
      sectionId: section.id,
      messageId,
      wish,
      seen: saving.seen(),
    });
    if (!result.ok) return;
    saving.forget();
    toast(
      result.value.asked
        ? `“${draft.name}” waits for approval`
        : wish.when === 'now'
          ? `“${draft.name}” is being sent`
          : `“${draft.name}” is scheduled`,
    );
    router.refresh();
  }

  const moment = wish?.when === 'at' ? momentIn(wish.local, wish.zone) : undefined;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <section aria-labelledby="checks" className={`${cardClass} flex flex-col p-4`}>
        <h2 id="checks" className="mb-1 font-medium">
          {!isReady ? 'Before it can be sent' : hasAdvice ? 'Ready, with something to consider' : 'Ready'}
        </h2>
        <ul className="flex flex-col">
          {checks.map((check) => (
            <CheckRow key={check.id} check={check} onStep={onStep} />
          ))}
        </ul>
      </section>
      <div className="flex flex-col gap-4">
        <section aria-labelledby="when" className={`${cardClass} flex flex-col gap-4 p-4`}>
          <h2 id="when" className="sr-only">
            When it is sent
          </h2>
          <WhenField
            value={plan}
            attributes={attributes}
            error={refusal?.field?.startsWith('wish') ? refusal.message : undefined}
            onChange={(next) => {
              setPlan(next);
              setRefusal(null);
            }}
          />
          {hours && (
            <SmsHours
              hours={hours}
              starts={moment ?? new Date()}
              onlySameDay={draft.settings.onlySameDay}
              onChange={(onlySameDay) => saving.set({ settings: { ...draft.settings, onlySameDay } })}
            />
          )}
          {refusal && !refusal.field?.startsWith('wish') && <Banner tone="danger">{refusal.message}</Banner>}
          <div className="flex flex-wrap items-center gap-2">
            <Button
              variant="primary"
              isDisabled={!isReady || wish === null || (moment !== undefined && moment < new Date())}
              onPress={() => setAsking(true)}
            >
              {asks ? 'Ask for approval' : plan.when === 'now' ? 'Send' : 'Schedule'}
              {people !== null && ` ${plan.when === 'now' && !asks ? 'to' : 'for'} ${people}`}…
            </Button>
            <Button onPress={onTest}>Send a test…</Button>
          </div>
          {asks && <p className="text-muted text-[13px]">{RULE_WORDS[rule]}</p>}
          {limit && (
            <p className="text-muted text-[13px]">
              In this section somebody gets {limitInWords(limit, draft.content.channel)}. Who has had enough when it is
              sent is skipped.
            </p>
          )}
          <p className="text-muted text-[13px]">
            Each person gets it once. You can pause and stop it while it is being sent; what has left stays sent.
          </p>
        </section>
        {draft.content.channel === 'sms' && (
          <SmsCost slug={section.slug} text={draft.content.text} draft={draft} counts={counts} />
        )}
        <SettingsFields
          channel={draft.content.channel}
          settings={draft.settings}
          onChange={(settings) => saving.set({ settings })}
        />
        <ApprovalHistory entries={approvals} />
      </div>
      {asking && wish && (
        <Dialog
          title={asks ? 'Ask for approval?' : wish.when === 'now' ? 'Send it now?' : 'Schedule it?'}
          isOpen
          onClose={() => setAsking(false)}
          unsaved={false}
          actions={
            <>
              <Button onPress={() => setAsking(false)}>Cancel</Button>
              <Button variant="primary" isPending={pending || isSaving} onPress={() => void schedule()}>
                {asks
                  ? 'Ask for approval'
                  : wish.when === 'now'
                    ? `Send ${split && split.rest > 0 ? 'the test ' : ''}to ${toFirst}`
                    : 'Schedule'}
              </Button>
            </>
          }
        >
          {refusal && <Banner tone="danger">{refusal.message}</Banner>}
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 [&>dt]:text-muted">
            <dt>Message</dt>
            <dd className="wrap-anywhere">{draft.name}</dd>
            <dt>From</dt>
            <dd className="wrap-anywhere">{sender?.from}</dd>
            <SendFacts slug={section.slug} draft={draft} topics={topics} counts={counts} />
            <dt>When</dt>
            <dd>
              {moment && wish.when === 'at'
                ? wishInWords(wish, moment)
                : asks
                  ? 'As soon as it is approved'
                  : (later ?? 'Now')}
            </dd>
            {hours && (
              <>
                <dt>Hours</dt>
                <dd>
                  {hoursInWords(hours)}
                  {draft.settings.onlySameDay ? '; what has not left then does not leave' : '; the others wait'}
                </dd>
              </>
            )}
          </dl>
          {sender?.isMailbox && (
            <Banner tone="warning">It goes into the built-in mailbox: nobody really gets it.</Banner>
          )}
          <p className="text-muted text-[13px]">
            {wish.when === 'now'
              ? 'It goes to those who match when sending starts. After that it cannot be changed.'
              : 'It goes to those who match then. Until then you can unschedule it and change it. If far more people match than now, it waits and asks.'}{' '}
            {draft.settings.again
              ? 'If the connection is lost while it is handed over, it is sent again: somebody may get it twice.'
              : 'If the connection is lost while it is handed over, it is not sent again: nobody gets it twice.'}
          </p>
        </Dialog>
      )}
    </div>
  );
}

const RULE_WORDS: Record<Exclude<ApprovalRule, 'none'>, string> = {
  anyone: 'Somebody else has to approve it first. Until then nothing leaves, and it cannot be changed.',
  admins:
    'An Account Owner or Admin, other than you, has to approve it first. Until then nothing leaves, and it cannot be changed.',
};

const inWords = (people: number) => `${people.toLocaleString('en-GB')} ${people === 1 ? 'person' : 'people'}`;

const ICONS: Record<Check['state'], ReactNode> = {
  fine: <CircleCheck aria-label="fine" className="text-success size-4 shrink-0" />,
  advice: <TriangleAlert aria-label="to consider" className="text-warning size-4 shrink-0" />,
  missing: <CircleAlert aria-label="missing" className="text-danger size-4 shrink-0" />,
  waiting: <LoaderCircle aria-label="being checked" className="text-muted size-4 shrink-0 animate-spin" />,
};

function CheckRow({ check, onStep }: { check: Check; onStep: (step: Step) => void }) {
  const { state, title, words, step, href } = check;
  return (
    <li className="border-line flex items-start gap-2.5 border-b py-2.5 last:border-b-0">
      <span className="mt-0.5">{ICONS[state]}</span>
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {words.map((text) => (
          <p key={text} className={state === 'missing' ? 'text-danger' : 'text-muted text-[13px]'}>
            <bdi>{text}</bdi>
          </p>
        ))}
      </div>
      {href !== undefined && (
        <ButtonLink
          size="small"
          variant={state === 'missing' ? 'secondary' : 'quiet'}
          href={href}
          aria-label={`See to it: ${title}`}
        >
          See to it
        </ButtonLink>
      )}
      {step !== null && (
        <Button
          size="small"
          variant={state === 'missing' ? 'secondary' : 'quiet'}
          aria-label={`${state === 'missing' ? 'Fix' : 'Change'}: ${title}`}
          onPress={() => {
            onStep(step);
            window.scrollTo({ top: 0 });
          }}
        >
          {state === 'missing' ? 'Fix' : 'Change'}
        </Button>
      )}
    </li>
  );
}
