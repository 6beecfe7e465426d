'use client';
// What people must have agreed to, to get the message.
import { ButtonLink } from '@/components/ui/button';
import { Badge, Banner, cardClass } from '@/components/ui/display';
import { Checkbox, RadioGroup } from '@/components/ui/field';
import { inGroups } from '@/lib/consents/groups';
import type { Topic } from '@/lib/consents/schema';
import type { TopicId } from '@/lib/db/ids';
import type { Draft } from './draft';

type Kind = Draft['kind'];

type Props = {
  slug: string;
  topics: readonly Topic[];
  kind: Kind;
  topicIds: readonly TopicId[];
  isAdmin: boolean;
  onChange: (change: { kind?: Kind; topicIds?: TopicId[] }) => void;
};

const KINDS = [
  { value: 'marketing' as const, label: 'Marketing', hint: 'Only people who have agreed to one of its topics get it.' },
  {
    value: 'service' as const,
    label: 'Service',
    hint: 'An order, an account, a change of terms: people get it whatever they have agreed to. Not for advertising.',
  },
];

export function TopicsStep({ slug, topics, kind, topicIds, isAdmin, onChange }: Props) {
  const folders = inGroups(topics, ({ folder }) => folder);
  const gone = topicIds.filter((id) => !topics.some((topic) => topic.id === id));
  return (
    <section aria-labelledby="topics" className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 id="topics" className="font-medium">
        {kind === 'marketing' ? 'What it is about' : 'A service message'} {kind === 'service' && <Badge>Service</Badge>}
      </h2>
      {(isAdmin || kind === 'service') && (
        <RadioGroup
          label="Kind of message"
          value={kind}
          options={isAdmin ? KINDS : KINDS.filter(({ value }) => value === kind || value === 'marketing')}
          onChange={(next) => onChange({ kind: next })}
        />
      )}
      {kind === 'marketing' && topics.length === 0 && (
        <Banner tone="warning">
          <span className="flex flex-wrap items-center justify-between gap-2">
            {isAdmin
              ? 'People agree to topics, such as a newsletter. There are none yet: add the first one.'
              : 'People agree to topics, such as a newsletter. There are none yet: ask an Admin to add one in Settings → Data Model → Topics.'}
            {isAdmin && (
              <ButtonLink size="small" href={`/${slug}/settings/data-model/topics`}>
                Add a topic
              </ButtonLink>
            )}
          </span>
        </Banner>
      )}
      {kind === 'marketing' && topics.length > 0 && (
        <fieldset className="flex flex-col gap-2">
          <legend className="text-muted mb-2 text-[13px]">
            It goes to people who have agreed to any of the topics that you choose. Anyone who unsubscribes from it
            leaves these.
          </legend>
          <div className="grid max-h-72 gap-x-6 gap-y-3 overflow-y-auto p-0.5 sm:grid-cols-2 xl:grid-cols-3">
            {folders.map(([folder, inFolder]) => (
              <div key={folder} className="flex flex-col gap-1.5">
                {folder !== '' && <p className="text-[13px] font-medium">{folder}</p>}
                {inFolder.map(({ id, name, description }) => (
                  <Checkbox
                    key={id}
                    isSelected={topicIds.includes(id)}
                    onChange={(isSelected) =>
                      onChange({ topicIds: isSelected ? [...topicIds, id] : topicIds.filter((other) => other !== id) })
                    }
                  >
                    <span className="min-w-0">
                      {name}
                      {description && <span className="text-muted block text-[13px]">{description}</span>}
                    </span>
                  </Checkbox>
                ))}
              </div>
            ))}
          </div>
        </fieldset>
      )}
      {gone.length > 0 && (
        <Banner tone="danger">
          <span className="flex flex-wrap items-center justify-between gap-2">
            {gone.length === 1 ? 'One chosen topic has' : `${gone.length} chosen topics have`} been hidden. The message
            cannot be sent with {gone.length === 1 ? 'it' : 'them'}.
            <button
              type="button"
              className="underline"
              onClick={() => onChange({ topicIds: topicIds.filter((id) => !gone.includes(id)) })}
            >
              Take {gone.length === 1 ? 'it' : 'them'} out
            </button>
          </span>
        </Banner>
      )}
    </section>
  );
}
