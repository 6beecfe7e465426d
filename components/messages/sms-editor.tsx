'use client';
// The text of an SMS: values of the person in braces, how many parts it takes, what makes it dearer, and how people can stop.
import { useId, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { inputClass } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';
import {
  partsOfSms,
  readSms,
  unknownNames,
  writtenSms,
  type NamedAttribute,
  type SmsText,
} from '@/lib/messages/sms-text';
import { smsParts, withoutTypography } from '@/lib/sms/parts';

type Props = {
  value: SmsText;
  onChange: (value: SmsText) => void;
  attributes: readonly NamedAttribute[];
  /** What the sender says it is from: a number can be answered with STOP, a name cannot. Null: there is no sender yet. */
  from?: string | null;
  /** How long the address of a person’s own page is. */
  optOutLength: number;
};

export function SmsEditor({ value, onChange, attributes, from = null, optOutLength }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  // What is typed stays as it is typed, also while a name is not complete.
  const [draft, setDraft] = useState<{ written: string; value: SmsText } | null>(null);
  const written = draft?.value === value ? draft.written : writtenSms(value, attributes);
  const { parts, units, left, encoding, unicode } = partsOfSms(value, optOutLength);
  const unknown = unknownNames(value);
  const plain = withoutTypography(written);
  const stopWords = from?.startsWith('+') ? 'Stop? Reply STOP' : null;

  function write(text: string) {
    const read = readSms(text, attributes);
    setDraft({ written: text, value: read });
    onChange(read);
  }

  function insert(text: string) {
    const [start, end] = [area.current?.selectionStart ?? written.length, area.current?.selectionEnd ?? written.length];
    write(written.slice(0, start) + text + written.slice(end));
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(start + text.length, start + text.length);
    });
  }

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
                label: attribute.name,
                onAction: () => insert(`{${attribute.name}}`),
              }))}
            />
          )}
          {stopWords !== null && !/\bstop\b/i.test(written) && (
            <Button size="small" onPress={() => write(`${written.trimEnd()}\n${stopWords}`)}>
              Add how to stop
            </Button>
          )}
        </div>
      </div>
      <textarea
        ref={area}
        id={id}
        rows={6}
        dir="auto"
        value={written}
        onChange={(event) => write(event.target.value)}
        aria-describedby={`${id}-count ${id}-help`}
        className={`${inputClass} h-auto py-2`}
      />
      <p id={`${id}-count`} className="text-[13px] tabular-nums">
        {parts === 1 ? 'One part' : `${parts} parts, each paid as one SMS`} · {units.toLocaleString('en-GB')}{' '}
        {units === 1 ? 'character' : 'characters'}, {left} left in {parts === 1 ? 'it' : 'the last one'}
        {value.some(({ type }) => type === 'variable') && ' · about: values differ in length'}
      </p>
      <p id={`${id}-help`} className="text-muted text-[13px]">
        A value of the person stands in braces. Write {'{First name|there}'} to say what people without one get.
      </p>
      {encoding === 'ucs2' && (
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
              <Button size="small" onPress={() => write(plain)}>
                Replace
              </Button>
            )}
          </span>
        </Banner>
      )}
      {unknown.length > 0 && (
        <Banner tone="warning">
          There is no attribute for {unknown.slice(0, 5).join(', ')}: it is sent as it stands.
        </Banner>
      )}
      {from !== null && stopWords === null && (
        <p className="text-muted text-[13px]">
          “{from}” is a name, which cannot be answered. Say in the text how people can stop, for example with a link.
        </p>
      )}
    </div>
  );
}

/** A character that can be seen. */
const shownCharacter = (character: string): string =>
  /[\s\p{Cf}\p{Cc}]/u.test(character)
    ? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
    : character;
