'use client';
// Consents that an import sets for all of its rows, and where these people gave them. None unless somebody chooses so.
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { Checkbox, Select, TextArea, TextField } from '@/components/ui/field';
import type { RefusalData } from '@/lib/access/refusal';
import { CHANNELS, type Channel, type Topic } from '@/lib/consents/schema';
import { CHANNEL_NAMES, CONSENT_WORDS } from '@/lib/consents/words';
import { IMPORTED_TYPES, type ImportedConsent, type Mapping } from '@/lib/imports/schema';

type Props = {
  topics: readonly Topic[];
  mapping: Mapping;
  problem: RefusalData | null;
  onChange: (change: Partial<Mapping>) => void;
};

const problemAt = (problem: RefusalData | null, field: string) =>
  problem?.field === field ? problem.message : undefined;

export function ConsentsStep({ topics, mapping, problem, onChange }: Props) {
  const { consents } = mapping;
  if (topics.length === 0 && consents.set.length === 0) return null;
  const set = (change: Partial<Mapping['consents']>) => onChange({ consents: { ...consents, ...change } });
  const setOne = (index: number, change: Partial<ImportedConsent>) =>
    set({ set: consents.set.map((one, at) => (at === index ? { ...one, ...change } : one)) });
  const optsIn = consents.set.some(({ type }) => type === 'opt-in');
  const free = topics.flatMap(({ id }) =>
    CHANNELS.filter((channel) => !consents.set.some((one) => one.topicId === id && one.channel === channel)).map(
      (channel) => ({ topicId: id, channel, type: 'opt-in' as const }),
    ),
  )[0];
  return (
    <section className={`${cardClass} flex flex-col gap-3 p-4`} aria-labelledby="consents">
      <h2 id="consents" className="font-semibold">
        4. Consents
      </h2>
      <p className="text-muted">
        {consents.set.length === 0
          ? 'The import leaves consents as they are. Set one only if all people in the file have said so.'
          : 'For all rows that are imported:'}
      </p>
      {consents.set.map((one, index) => (
        <div key={index} className="flex flex-wrap items-end gap-2">
          <div className="min-w-48 flex-1">
            <Select
              label="Topic"
              value={String(one.topicId)}
              onChange={(id) => setOne(index, { topicId: topics.find((topic) => String(topic.id) === id)!.id })}
              options={topics.map(({ id, name, folder }) => ({
                value: String(id),
                label: name,
                hint: folder || undefined,
              }))}
              placeholder="A topic that is hidden now"
              error={problemAt(problem, `consents:${index}`)}
            />
          </div>
          <Select<Channel>
            label="Channel"
            value={one.channel}
            onChange={(channel) => setOne(index, { channel })}
            options={CHANNELS.map((value) => ({ value, label: CHANNEL_NAMES[value] }))}
          />
          <Select<ImportedConsent['type']>
            label="They have"
            value={one.type}
            onChange={(type) => setOne(index, { type })}
            options={IMPORTED_TYPES.map((value) => ({ value, label: CONSENT_WORDS[value] }))}
          />
          <IconButton
            label={`Do not set consent ${index + 1}`}
            onPress={() => set({ set: consents.set.filter((_one, at) => at !== index) })}
          >
            <X aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {free && (
        <div>
          <Button size="small" onPress={() => set({ set: [...consents.set, free] })}>
            <Plus aria-hidden className="size-4" /> Set a consent
          </Button>
        </div>
      )}
      {consents.set.length > 0 && (
        <>
          <TextField
            label="Where they said so"
            help={
              optsIn
                ? 'Such as “sign-up sheet, spring fair 2026”. It is kept with each consent.'
                : 'It is kept with each consent. Optional.'
            }
            value={consents.source}
            onChange={(source) => set({ source })}
            error={problemAt(problem, 'consents.source')}
          />
          <TextArea
            label="What they agreed to"
            help="The words that they saw, as far as you have them. Optional."
            value={consents.wording}
            onChange={(wording) => set({ wording })}
            rows={2}
          />
          {optsIn && (
            <Checkbox isSelected={consents.loosen} onChange={(loosen) => set({ loosen })}>
              Also people who have opted out before
            </Checkbox>
          )}
          {optsIn && consents.loosen && (
            <Banner tone="warning">
              People who have left get messages again. Only do this if they have asked for it since.
            </Banner>
          )}
        </>
      )}
    </section>
  );
}
