'use client';
// The colour and the group of a tag, as fields of a form.
import clsx from 'clsx';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { TextField } from '@/components/ui/field';
import { TAG_COLOURS, type TagColour } from '@/lib/tags/colour';
import { tagColours } from './tag-colour';

type ColourProps = { value: TagColour | null; onChange: (colour: TagColour | null) => void; label?: string };

const NONE = 'none';
const CHOICES = [NONE, ...TAG_COLOURS] as const;
const capitalised = (word: string) => `${word[0]!.toUpperCase()}${word.slice(1)}`;

/** Ten colours and none, all in sight; their names are said and shown on hover. */
export function ColourField({ value, onChange, label = 'Colour' }: ColourProps) {
  return (
    <RadioGroup
      orientation="horizontal"
      value={value ?? NONE}
      onChange={(chosen) => onChange(TAG_COLOURS.find((colour) => colour === chosen) ?? null)}
      className="flex flex-col gap-1"
    >
      <Label className="text-[13px] font-medium">{label}</Label>
      <div className="-ml-0.5 flex flex-wrap gap-1">
        {CHOICES.map((choice) => (
          <Radio
            key={choice}
            value={choice}
            aria-label={choice === NONE ? 'No colour' : capitalised(choice)}
            className="data-[focus-visible]:outline-focus group flex size-7 items-center justify-center rounded-full data-[focus-visible]:outline-2"
          >
            <span
              title={choice === NONE ? 'No colour' : capitalised(choice)}
              {...tagColours(choice === NONE ? null : choice)}
              className={clsx(
                'flex size-5.5 items-center justify-center rounded-full border border-(--tag-line) bg-(--tag-soft) text-[11px] font-semibold text-(--tag-ink)',
                'group-data-[selected]:border-2 group-data-[selected]:border-(--tag-ink)',
              )}
            >
              <span aria-hidden className="hidden group-data-[selected]:block">
                ✓
              </span>
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

type GroupProps = {
  value: string;
  onChange: (group: string) => void;
  /** The groups that exist, as suggestions. */
  groups: readonly string[];
  error?: string;
};

export function GroupField({ value, onChange, groups, error }: GroupProps) {
  return (
    <TextField
      label="Group"
      help={
        error
          ? undefined
          : 'Tags are listed by group. If this is empty, a name such as “Lime: VIP” is in the group “Lime”.'
      }
      value={value}
      onChange={onChange}
      suggestions={groups}
      error={error}
    />
  );
}
