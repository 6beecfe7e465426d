'use client';
// Sends a message once more: to people who have not been among its recipients, or to those of them for whom it failed.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { reasonsFor, reasonWords } from '@/components/messages/audience-words';
import { useAudienceCounts } from '@/components/messages/use-audience';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { MessageDetails } from '@/lib/messages/queries';
import { scheduleMessageAction } from '../actions';
import type { InJson } from '@/components/ui/in-json';
import { WhenField, wishOf, type Plan } from './when-field';

/** `new`: who has not been a recipient. `failed`: who was one and is known not to have got it. */
export type Whom = 'new' | 'failed';

type Props = {
  section: { id: SectionId; slug: string };
  message: InJson<MessageDetails>;
  whom: Whom;
  /** Somebody else has to approve it first. */
  asks: boolean;
  /** Makes a copy for those who have not got it. */
  onCopy: () => void;
  onClose: () => void;
};

export function AgainDialog({ section, message, whom, asks, onCopy, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const [plan, setPlan] = useState<Plan>({ when: 'now' });
  const { refusal, pending, send } = useSubmission({ leaves: true });
  const { kind, topicIds, content } = message;
  const isFailed = whom === 'failed';
  const audience = isFailed ? { ...message.audience, most: null } : message.audience;
  const about = {
    ...{ channel: content.channel, kind, topicIds },
    ...(isFailed ? { failedOf: message.id } : { exceptRecipientsOf: message.id }),
  };
  const { data, error } = useAudienceCounts({ slug: section.slug, audience, about });
  const gets = data?.counts?.gets ?? null;
  const wish = wishOf(plan);
  const isStuck = message.attention.length > 0 || (data?.lost.length ?? 0) > 0;

  async function schedule() {
    const input = {
      sectionId: section.id,
      messageId: message.id,
      seen: message.changedAt,
      again: true,
      failed: isFailed,
      wish,
    };
    const result = await send(scheduleMessageAction, input);
    if (!result.ok) return;
    if (result.value.asked) toast(`“${message.name}” waits for approval`);
    else toast(plan.when === 'now' ? `“${message.name}” is being sent` : `“${message.name}” is scheduled`);
    onClose();
    router.refresh();
  }

  return (
    <Dialog
      title={isFailed ? 'Send it to those it failed for' : 'Send it to new people'}
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="primary"
            isPending={pending}
            isDisabled={!gets || wish === null || isStuck}
            onPress={() => void schedule()}
          >
            {asks ? 'Ask for approval' : plan.when === 'now' ? 'Send it' : 'Schedule'}
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {error && <Banner tone="danger">This could not be counted. {error.message}</Banner>}
      {isStuck && (
        <Banner tone="danger">
          {[...new Set([...message.attention, ...(data?.lost ?? []).map(({ reason }) => reason)])].map((reason) => (
            <p key={reason}>{reason}</p>
          ))}
          <p className="mt-1">
            So it cannot go as it is. Make a copy and choose something else there: the copy leaves out everyone who has
            got this message.
          </p>
          <span className="mt-2 block">
            <Button size="small" onPress={onCopy}>
              Make a copy
            </Button>
          </span>
        </Banner>
      )}
      {isFailed ? (
        <p>
          It goes, as it is, to its recipients who are known not to have got it: it was refused, came back, or could not
          be written. Nobody who got it, or of whom that is not known, gets it again; nor does anybody who has left
          since, or is left out by now.
        </p>
      ) : (
        <p>
          It goes, as it is, to people who match its Send To by now and have not been among its recipients. Nobody gets
          it twice.
        </p>
      )}
      <p role="status" className="text-lg font-semibold">
        {gets === null
          ? error || isStuck
            ? ''
            : 'Counting…'
          : gets === 0
            ? isFailed
              ? 'Nobody of them may get it as of now.'
              : 'There is nobody new as of now.'
            : `${gets.toLocaleString('en-GB')} ${isFailed ? '' : 'new '}${gets === 1 ? 'person' : 'people'}`}
      </p>
      {isFailed && data?.counts && data.counts.matches > data.counts.gets && (
        <ul className="text-muted text-[13px]">
          {reasonsFor(kind, audience).flatMap((reason) =>
            reason === 'gets' || data.counts![reason] === 0
              ? []
              : [
                  <li key={reason}>
                    {reasonWords(reason, content.channel, audience).label}:{' '}
                    {data.counts![reason].toLocaleString('en-GB')}
                  </li>,
                ],
          )}
        </ul>
      )}
      <WhenField value={plan} onChange={setPlan} />
    </Dialog>
  );
}
