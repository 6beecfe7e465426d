'use client';
// What somebody does with a message: the messages that the flow itself sends come first.
import { Select } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { allSteps, type FlowDocument, type MessageAnswer } from '@/lib/flows/schema';
import type { MessageId } from '@/lib/db/ids';
import { useEditor, useShown } from '../editor-context';
import { PickField } from './pick-field';

/** `isPast`: what they have done, not what they do. */
type Props = { isPast?: boolean; value: MessageAnswer; onChange: (value: MessageAnswer) => void };

export function AnswerFields({ isPast = false, value, onChange }: Props) {
  const { section, things } = useEditor();
  const { document } = useShown();
  const { did, messageId } = value;
  const own = sentBy(document);
  const offered = things.messages
    .filter(({ channel }) => did === 'clicked' || channel === 'email')
    .map((message) => ({ ...message, ...(own.has(message.id) && { hint: 'in this flow' }) }))
    .sort((left, right) => Number(own.has(right.id)) - Number(own.has(left.id)));
  return (
    <>
      <Select
        label="They"
        value={did}
        options={[
          { value: 'opened', label: isPast ? 'have opened it' : 'open it' },
          { value: 'clicked', label: isPast ? 'have clicked in it' : 'click in it' },
        ]}
        onChange={(next) => {
          const stays =
            next === 'clicked' || things.messages.some(({ id, channel }) => id === messageId && channel === 'email');
          onChange({ did: next, messageId: stays ? messageId : null });
        }}
      />
      <PickField
        label="Message"
        value={messageId}
        things={offered}
        placeholder="Choose a message"
        gone="A message that was deleted"
        none={
          <>
            There is no message yet.{' '}
            <Link href={`/${section.slug}/messages/new`} className="text-accent-ink underline">
              Write one
            </Link>
          </>
        }
        onChange={(id) => onChange({ did, messageId: id })}
      />
      <p className="text-muted text-[13px]">
        {did === 'opened'
          ? 'Programs that load pictures, or look for danger in links, do not count. Some mail programs hide that somebody has opened a mail: a click is surer.'
          : 'Programs that follow links to look for danger do not count.'}
      </p>
    </>
  );
}

/** The messages that a flow sends. */
const sentBy = ({ steps }: FlowDocument): ReadonlySet<MessageId | null> =>
  new Set(allSteps(steps).flatMap((step) => (step.kind === 'email' || step.kind === 'sms' ? [step.messageId] : [])));
