'use client';
// The A/B test of a message: what differs, how many get a variant at random, and how it is decided what the others get.
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useAudienceCounts, type AboutMessage } from '@/components/messages/use-audience';
import { Button, IconButton } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import type { Audience } from '@/lib/audience/schema';
import { plainText } from '@/lib/mail-document/template';
import { HOURS_MAX, variantName, VARIANTS_MAX, variantsOf, type AbTest } from '@/lib/messages/ab-schema';
import { withOneMore, without, withTestOf } from './ab-draft';
import type { EmailDraft } from './draft';
import { noticeable, partsOf } from './ab-words';

type Props = {
  content: EmailDraft;
  slug: string;
  audience: Audience;
  about: AboutMessage;
  onChange: (content: EmailDraft) => void;
  /** Opens a variant where it is written. */
  onEdit: (variant: number) => void;
};

const WHAT = [
  { value: 'none' as const, label: 'No test', hint: 'Everybody gets the same.' },
  {
    value: 'subject' as const,
    label: 'The subject',
    hint: 'Two or three subjects, with their preview texts, above the same message.',
  },
  {
    value: 'message' as const,
    label: 'The whole message',
    hint: 'Two or three messages that may differ in everything.',
  },
];
const DECIDES = [
  {
    value: 'clicks' as const,
    label: 'The one that more people clicked',
    hint: 'Machines that follow links are left out.',
  },
  { value: 'person' as const, label: 'The one that somebody chooses', hint: 'It waits until then.' },
];
const CLOSE = [
  { value: 'ask' as const, label: 'Wait until somebody chooses' },
  { value: 'first' as const, label: 'Send A' },
];

export function AbStep({ slug, content, audience, about, onChange, onEdit }: Props) {
  const counted = useAudienceCounts({ slug, audience, about });
  const { ab } = content;
  const set = (change: Partial<AbTest>) => ab && onChange({ ...content, ab: { ...ab, ...change } });
  const variants = variantsOf(content);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <section aria-labelledby="ab-what" className={`${cardClass} flex flex-col gap-4 p-4`}>
        <h2 id="ab-what" className="font-medium">
          What is tried out
        </h2>
        <RadioGroup
          label="What differs"
          value={ab?.what ?? 'none'}
          options={WHAT}
          onChange={(what) => onChange(withTestOf(content, what))}
        />
        {ab && (
          <div className="flex flex-col gap-2">
            <ul aria-label="Variants" className="border-line flex flex-col rounded-md border">
              {variants.map((variant, index) => (
                <li key={index} className="border-line flex items-center gap-2 border-b px-3 py-1.5 last:border-b-0">
                  <span className="font-semibold">{variantName(index)}</span>
                  <bdi className="min-w-0 flex-1 truncate">{plainText(variant.subject) || '(no subject)'}</bdi>
                  <Button size="small" aria-label={`Write variant ${variantName(index)}`} onPress={() => onEdit(index)}>
                    Write
                  </Button>
                  {index > 0 && ab.others.length > 1 && (
                    <IconButton
                      label={`Remove variant ${variantName(index)}`}
                      onPress={() => onChange(without(content, index))}
                    >
                      <X aria-hidden className="size-4" />
                    </IconButton>
                  )}
                </li>
              ))}
            </ul>
            {variants.length < VARIANTS_MAX && (
              <div>
                <Button size="small" onPress={() => onChange(withOneMore(content))}>
                  <Plus aria-hidden className="size-4" /> Add variant {variantName(variants.length)}
                </Button>
              </div>
            )}
          </div>
        )}
      </section>
      {ab && (
        <section aria-labelledby="ab-how" className={`${cardClass} flex flex-col gap-4 p-4`}>
          <h2 id="ab-how" className="font-medium">
            Who gets which
          </h2>
          <div className="grid gap-3 sm:grid-cols-2">
            <NumberField
              label="Part of the audience for the test"
              unit="%"
              value={ab.share}
              most={100}
              onChange={(share) => set({ share })}
            />
            {ab.share < 100 && (
              <NumberField
                label="Time for the test"
                unit="hours"
                value={ab.hours}
                most={HOURS_MAX}
                onChange={(hours) => set({ hours })}
              />
            )}
          </div>
          {ab.share < 100 && (
            <>
              <RadioGroup
                label="What the others get after that"
                value={ab.decides}
                options={DECIDES}
                onChange={(decides) => set({ decides })}
              />
              {ab.decides === 'clicks' && (
                <RadioGroup
                  label="If it is too close to call"
                  value={ab.close}
                  options={CLOSE}
                  onChange={(close) => set({ close })}
                />
              )}
            </>
          )}
          <InWords ab={ab} people={counted.data?.counts?.gets ?? null} />
        </section>
      )}
    </div>
  );
}

/** What that means for as many as match now. */
function InWords({ ab, people }: { ab: AbTest; people: number | null }) {
  if (people === null || people === 0) return null;
  const { each, rest } = partsOf(ab, people);
  const least = noticeable(each, 1 + ab.others.length);
  const number = (value: number) => value.toLocaleString('en-GB');
  return (
    <>
      <p role="status">
        Of {number(people)} people as of now, about {number(each)} get each variant, at random
        {rest === 0
          ? ': everybody is in the test.'
          : `. The other ${number(rest)} wait, and get one of them ${ab.hours === 1 ? 'an hour' : `${ab.hours} hours`} after the last mail of the test.`}
      </p>
      <Banner tone={least === null || least > 10 ? 'warning' : 'info'}>
        {least === null
          ? 'So few people can show no difference.'
          : `With so few, chance alone makes a difference of some size: if 5 in 100 click one variant, another one is better only from about ${least} in 100.`}
      </Banner>
    </>
  );
}

function NumberField({
  label,
  unit,
  value,
  most,
  onChange,
}: {
  label: string;
  unit: string;
  value: number;
  most: number;
  onChange: (value: number) => void;
}) {
  const [text, setText] = useState(String(value));
  const typed = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  const isFine = typed >= 1 && typed <= most;
  return (
    <TextField
      label={`${label}, in ${unit}`}
      inputMode="numeric"
      value={text}
      error={isFine ? undefined : `Enter a whole number from 1 to ${most}.`}
      onChange={(next) => {
        setText(next);
        const wanted = Number(next);
        if (/^\d{1,4}$/.test(next) && wanted >= 1 && wanted <= most) onChange(wanted);
      }}
    />
  );
}
