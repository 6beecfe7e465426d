'use client';
// The fields of a consent or of terms: the words that people agree to, the topics of them, and a link.
import { ButtonLink } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { Checkbox, TextArea } from '@/components/ui/field';
import { inGroups } from '@/lib/consents/groups';
import { CHANNELS, type Channel } from '@/lib/consents/schema';
import type { TopicId } from '@/lib/db/ids';
import type { Element } from '@/lib/forms/schema';
import { useBuilder } from './builder-context';
import { useSet } from './use-set';
import { LinkFields } from './link-fields';

type ConsentElement = Extract<Element, { kind: 'consent' | 'terms' }>;

export function ConsentFields({ element }: { element: ConsentElement }) {
  const set = useSet(element);
  return (
    <>
      <TextArea
        label="What people agree to"
        rows={2}
        maxLength={500}
        value={element.label}
        onChange={(label) => set({ label }, 'label')}
        help="Beside a box that is never ticked beforehand. These words are kept with each consent, as its proof."
      />
      {element.kind === 'consent' && (
        <Checkbox isSelected={element.required} onChange={(required) => set({ required })}>
          <span>
            Required
            <span className="text-muted block text-[13px]">
              Only where the form is about nothing else: a consent that is demanded for something else is none.
            </span>
          </span>
        </Checkbox>
      )}
      <TopicFields element={element} onChange={(topics) => set({ topics })} />
      <LinkFields link={element.link} hint="Below the words" onChange={(link, what) => set({ link }, what)} />
    </>
  );
}

type Topics = ConsentElement['topics'];

function TopicFields({ element, onChange }: { element: ConsentElement; onChange: (topics: Topics) => void }) {
  const { slug, topics, isAdmin } = useBuilder();
  const chosen = element.topics;
  const has = (topicId: TopicId, channel: Channel) =>
    chosen.some((each) => each.topicId === topicId && each.channel === channel);
  const toggle = (topicId: TopicId, channel: Channel) =>
    onChange(
      has(topicId, channel)
        ? chosen.filter((each) => each.topicId !== topicId || each.channel !== channel)
        : [...chosen, { topicId, channel }],
    );
  const gone = chosen.filter(({ topicId }) => !topics.some(({ id }) => id === topicId));
  if (topics.length === 0 && gone.length === 0) {
    return (
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
    );
  }
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="text-[13px] font-medium">
        {element.kind === 'terms' ? 'Topics that it opts in to, if any' : 'Topics that a tick opts in to'}
      </legend>
      <div className="flex max-h-60 flex-col gap-3 overflow-y-auto p-0.5">
        {inGroups(topics, ({ folder }) => folder).map(([folder, inFolder]) => (
          <div key={folder} className="flex flex-col gap-1.5">
            {folder !== '' && <p className="text-muted text-[13px]">{folder}</p>}
            {inFolder.map(({ id, name }) => (
              <div key={id} className="flex flex-wrap items-center gap-x-4 gap-y-1">
                <span className="min-w-40 flex-1 wrap-anywhere">{name}</span>
                {CHANNELS.map((channel) => (
                  <Checkbox
                    key={channel}
                    label={`${name}, by ${CHANNEL_NAMES[channel]}`}
                    isSelected={has(id, channel)}
                    onChange={() => toggle(id, channel)}
                  >
                    {CHANNEL_NAMES[channel]}
                  </Checkbox>
                ))}
              </div>
            ))}
          </div>
        ))}
        {gone.map(({ topicId, channel }) => (
          <Checkbox key={`${topicId} ${channel}`} isSelected onChange={() => toggle(topicId, channel)}>
            <span className="text-danger">A topic that is hidden, by {CHANNEL_NAMES[channel]}</span>
          </Checkbox>
        ))}
      </div>
    </fieldset>
  );
}

const CHANNEL_NAMES: Record<Channel, string> = { email: 'Email', sms: 'SMS' };
