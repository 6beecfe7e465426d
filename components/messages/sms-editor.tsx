'use client';
// The text of an SMS: values of the person in braces, how many parts it takes, what makes it dearer, and how people can stop.
import { useId, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { inputClass } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';
import {
  OPT_OUT_NAME,
  PARTS_MAX,
  partsOfSms,
  readSms,
  saysHowToStop,
  unknownNames,
  WRITTEN_MAX,
  writtenSms,
  type SmsText,
} from '@/lib/messages/sms-text';
import type { NamedAttribute } from '@/lib/mail-document/written-values';
import { smsParts, withoutTypography, type SmsParts } from '@/lib/sms/parts';
import { canBeAnswered } from '@/lib/sms/sender-name';

type Props = {
  value: SmsText;
  onChange: (value: SmsText) => void;
  attributes: readonly NamedAttribute[];
  /** What the sender says it is from: a number can be answered with STOP, a name cannot. Null: there is no sender yet. */
  from: string | null;
  /** People must be able to end it: it is marketing. */
  needsWayOut: boolean;
  /** How long the address of a person’s own page is. */
  optOutLength: number;
};

export function SmsEditor({ value, onChange, attributes, from, needsWayOut, optOutLength }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  // What is typed stays as it is typed, also while a name is not complete.
  const [draft, setDraft] = useState<{ written: string; value: SmsText } | null>(null);
  const written = draft?.value === value ? draft.written : writtenSms(value, attributes);
  const counted = partsOfSms(value, optOutLength);
  const unknown = unknownNames(value);

  function write(text: string) {
    const read = readSms(text, attributes);
    setDraft({ written: text, value: read });
    onChange(read);
  }

  /** Writes over what is selected, and goes on behind it. */
  function insert(text: string) {
    const [start, end] = [area.current?.selectionStart ?? written.length, area.current?.selectionEnd ?? written.length];
    write(written.slice(0, start) + text + written.slice(end));
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(start + text.length, start + text.length);
    });
  }

  const append = (text: string) => write(written.trim() === '' ? text : `${written.trimEnd()}\n${text}`);

  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-end justify-between gap-2">
        <label htmlFor={id} className="text-[13px] font-medium">
          Text
        </label>
        <div className="flex flex-wrap gap-2">
          {attributes.length > 0 && (
            <Menu
              label="Insert a value"
              trigger={<Button size="small">Insert a value</Button>}
              entries={attributes.map((attribute) => ({
                id: String(attribute.id),
                text: attribute.name,
                label: <span className="max-w-64 truncate">{attribute.name}</span>,
                onAction: () => insert(`{${attribute.name}}`),
              }))}
            />
          )}
          <Button size="small" onPress={() => insert(`{${OPT_OUT_NAME}}`)}>
            Insert the opt-out link
          </Button>
        </div>
      </div>
      <textarea
        ref={area}
        id={id}
        rows={7}
        dir="auto"
        maxLength={WRITTEN_MAX}
        value={written}
        onChange={(event) => write(event.target.value)}
        aria-describedby={`${id}-count ${id}-help`}
        className={`${inputClass} h-auto py-2`}
      />
      <Count
        id={`${id}-count`}
        counted={counted}
        isEmpty={written.trim() === ''}
        isAbout={value.some(({ type }) => type === 'variable')}
      />
      <p id={`${id}-help`} className="text-muted text-[13px]">
        A value of the person stands in braces. Write {'{First name|there}'} to say what people without one get. The
        opt-out link leads each person to a page of their own on which they can stop your SMS.
      </p>
      {counted.parts > PARTS_MAX && (
        <Banner tone="danger">
          Providers do not take more than {PARTS_MAX} parts, and people do not read them. Shorten the text.
        </Banner>
      )}
      <Unicode counted={counted} written={written} onReplace={write} />
      {unknown.length > 0 && (
        <Banner tone="danger">
          There is no attribute for <bdi>{unknown.slice(0, 5).join(', ')}</bdi>: people would see it as written. Choose
          “Insert a value”, or take it out.
        </Banner>
      )}
      {needsWayOut && from !== null && !saysHowToStop(value) && <WayOut from={from} onAdd={append} />}
    </div>
  );
}

function Count({
  id,
  counted: { parts, units, left, encoding },
  isEmpty,
  isAbout,
}: {
  id: string;
  counted: SmsParts;
  isEmpty: boolean;
  isAbout: boolean;
}) {
  if (isEmpty) {
    return (
      <p id={id} className="text-muted text-[13px]">
        One part has room for 160 characters, or for 70 with emoji and other characters that are not in the alphabet of
        SMS.
      </p>
    );
  }
  return (
    <p id={id} className="text-[13px] tabular-nums">
      {parts === 1 ? 'One part' : `${parts} parts, each paid as one SMS`} · {units.toLocaleString('en-GB')}{' '}
      {units === 1 ? 'character' : 'characters'}, {left} left in {parts === 1 ? 'it' : 'the last one'} ·{' '}
      {encoding === 'gsm7' ? 'the alphabet of SMS (GSM-7)' : 'Unicode (UCS-2)'}
      {isAbout && ' · about: values differ in length'}
    </p>
  );
}

/** The characters that make a text dearer, and what can stand in their place. */
function Unicode({
  counted: { encoding, unicode },
  written,
  onReplace,
}: {
  counted: SmsParts;
  written: string;
  onReplace: (text: string) => void;
}) {
  if (encoding !== 'ucs2') return null;
  const plain = withoutTypography(written);
  return (
    <Banner tone="warning">
      <span className="flex flex-wrap items-center gap-2">
        <span>
          These characters are not in the alphabet of SMS, so only 70 fit in one part instead of 160:{' '}
          {unicode.slice(0, 12).map((character) => (
            <bdi key={character} className="bg-sunken mr-1 inline-block rounded px-1.5 font-mono">
              {shownCharacter(character)}
            </bdi>
          ))}
          {unicode.length > 12 && `and ${unicode.length - 12} more`}
        </span>
        {plain !== written && smsParts(plain).unicode.length < unicode.length && (
          <Button size="small" onPress={() => onReplace(plain)}>
            Replace {smsParts(plain).encoding === 'gsm7' ? 'them' : 'quotes and dashes'}
          </Button>
        )}
      </span>
    </Banner>
  );
}

function WayOut({ from, onAdd }: { from: string; onAdd: (text: string) => void }) {
  const answers = canBeAnswered(from);
  return (
    <Banner tone="warning">
      <span className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 flex-1 basis-64">
          {answers
            ? 'Say how people can stop: they can answer this number with STOP.'
            : `“${from}” is a name, which cannot be answered. Say how people can stop: with the opt-out link, or with a number to which they send STOP.`}
        </span>
        <Button size="small" onPress={() => onAdd(answers ? 'Stop? Reply STOP' : `Stop: {${OPT_OUT_NAME}}`)}>
          {answers ? 'Add “Reply STOP”' : 'Add the link'}
        </Button>
      </span>
    </Banner>
  );
}

/** A character that can be seen. */
const shownCharacter = (character: string): string =>
  /[\s\p{Cf}\p{Cc}\p{M}]/u.test(character)
    ? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
    : character;
