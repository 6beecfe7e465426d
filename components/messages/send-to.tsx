'use client';
// The Send To step: who gets a message, by tags, segments and earlier messages, with a live count and the reasons of those who do not get it.
import clsx from 'clsx';
import { useId, useRef, useState, type ReactNode } from 'react';
import { Banner, cardClass } from '@/components/ui/display';
import { Checkbox, TextField } from '@/components/ui/field';
import {
  isChosen,
  isSamePart,
  MOST_MAX,
  PARTS_MAX,
  type Audience,
  type AudiencePart,
  type LostPart,
} from '@/lib/audience/schema';
import { PartChips } from './part-chips';
import { PartPicker } from './part-picker';
import { useAudienceCounts, useLeftOut, type AboutMessage } from './use-audience';
import { WhoGetsIt } from './who-gets-it';

type Props = {
  /** Of the section. */
  slug: string;
  value: Audience;
  about: AboutMessage;
  onChange: (next: Audience) => void;
};

export function SendTo({ slug, value, about, onChange }: Props) {
  const answer = useAudienceCounts({ slug, audience: value, about });
  const lost = answer.data?.lost ?? [];
  const counted = useLeftOut(slug, value);
  const leftOut = isChosen(value, about.kind) ? counted : undefined;
  const isService = about.kind === 'service';
  const both = value.include.some((part) => value.exclude.some((other) => isSamePart(part, other)));
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className={clsx(cardClass, 'flex min-w-0 flex-col')}>
        <Parts
          slug={slug}
          title="Send to"
          add="Add people"
          parts={value.include}
          empty={isService ? '' : 'Everyone in this section.'}
          some="Everyone with any of these."
          lost={lost}
          onChange={(include) => onChange({ ...value, include })}
        >
          {isService && value.include.length === 0 && (
            <Checkbox isSelected={value.everyone === true} onChange={(everyone) => onChange({ ...value, everyone })}>
              Everyone in this section, whatever they have agreed to
            </Checkbox>
          )}
        </Parts>
        <Parts
          slug={slug}
          title="But not to"
          add="Leave people out"
          parts={value.exclude}
          empty="Nobody is left out."
          some={`Nobody with any of these, whatever else they have.${leftOut === undefined ? '' : ` Of those chosen above: ${leftOut.toLocaleString('en-GB')}.`}`}
          lost={lost}
          onChange={(exclude) => onChange({ ...value, exclude })}
        />
        <RandomPart most={value.most} onChange={(most) => onChange({ ...value, most })} />
        <Notes about={about} lost={lost} both={both} />
      </div>
      <WhoGetsIt slug={slug} audience={value} about={about} answer={answer} />
    </div>
  );
}

const groupClass = 'border-line flex flex-col gap-2 border-b p-4 last:border-b-0';

type PartsProps = {
  slug: string;
  title: string;
  add: string;
  parts: readonly AudiencePart[];
  /** Below the title, with no parts and with some. */
  empty: string;
  some: string;
  lost: readonly LostPart[];
  children?: ReactNode;
  onChange: (parts: AudiencePart[]) => void;
};

function Parts({ slug, title, add, parts, empty, some, lost, children, onChange }: PartsProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const without = (part: AudiencePart) => parts.filter((other) => !isSamePart(part, other));
  const toggle = (part: AudiencePart) => {
    const rest = without(part);
    if (rest.length < parts.length) onChange(rest);
    else if (parts.length < PARTS_MAX) onChange([...parts, part]);
  };
  return (
    <section aria-labelledby={id} className={groupClass}>
      <h3 id={id} className="font-medium">
        {title}
      </h3>
      {(parts.length > 0 || empty !== '') && (
        <p className="text-muted text-[13px]">{parts.length === 0 ? empty : some}</p>
      )}
      {children}
      {parts.length > 0 && (
        <PartChips
          slug={slug}
          label={`${title}: chosen`}
          parts={parts}
          lost={lost}
          onRemove={(part) => {
            onChange(without(part));
            // The pressed button disappears.
            button.current?.focus();
          }}
        />
      )}
      <div className="flex flex-wrap items-center gap-2">
        <PartPicker slug={slug} label={add} chosen={parts} onToggle={toggle} buttonRef={button} />
        {parts.length >= PARTS_MAX && (
          <span role="status" className="text-muted text-[13px]">
            These are {PARTS_MAX}, and no more are possible. A segment can hold more conditions.
          </span>
        )}
      </div>
    </section>
  );
}

const AT_FIRST = 1_000;

/** Keeps the last number that is one while something else is being typed, and says so. */
function RandomPart({ most, onChange }: { most: number | null; onChange: (most: number | null) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? String(most ?? '');
  const isNumber = (given: string) => /^\d{1,8}$/.test(given) && Number(given) >= 1 && Number(given) <= MOST_MAX;
  const plain = (given: string) => given.replace(/[\s.,]/g, '');
  return (
    <div className={groupClass}>
      <Checkbox
        isSelected={most !== null}
        onChange={(isSelected) => {
          setTyped(null);
          onChange(isSelected ? AT_FIRST : null);
        }}
      >
        Only a random part of them
      </Checkbox>
      {most !== null && (
        <div className="w-56 max-w-full pl-6.5">
          <TextField
            label="At most this many people"
            inputMode="numeric"
            value={text}
            onChange={(next) => {
              setTyped(next);
              if (isNumber(plain(next))) onChange(Number(plain(next)));
            }}
            onBlur={() => isNumber(plain(text)) && setTyped(null)}
            error={
              isNumber(plain(text))
                ? undefined
                : `Enter a number from 1 to ${MOST_MAX.toLocaleString('en-GB')}. Until then it is ${most.toLocaleString('en-GB')}.`
            }
          />
        </div>
      )}
    </div>
  );
}

type NotesProps = { about: AboutMessage; lost: readonly LostPart[]; both: boolean };

function Notes({ about, lost, both }: NotesProps) {
  const notes = [
    ...lost.map(({ part, reason }) => (
      <Banner key={`${part.kind} ${part.id}`} tone="danger">
        {reason} The message cannot be sent until you remove it here or choose something else.
      </Banner>
    )),
    both && (
      <Banner key="both" tone="warning">
        Something is both chosen and left out. Leaving out comes first: nobody with it gets the message.
      </Banner>
    ),
    about.kind === 'marketing' && about.topicIds.length === 0 && (
      <Banner key="topics" tone="warning">
        Choose a topic for this message first. Without one nobody has agreed to get it.
      </Banner>
    ),
    about.kind === 'service' && (
      <Banner key="service">
        A service message goes to people whatever they have agreed to. It is not for advertising.
      </Banner>
    ),
    about.exceptRecipientsOf !== undefined && (
      <Banner key="again">Everyone who has been a recipient of this message before is left out.</Banner>
    ),
  ].filter(Boolean);
  return notes.length > 0 && <div className={clsx(groupClass, 'gap-2')}>{notes}</div>;
}
