'use client';
// The text of an SMS: values of the person and parts for some in braces, how many parts it takes, what makes it dearer, and how people can stop.
import { useEffect, useId, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { inputClass } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';
import type { NamedAttribute } from '@/lib/mail-document/written-values';
import { allPieces, tagsOfSms, WRITTEN_MAX, type SmsText } from '@/lib/messages/sms-pieces';
import {
  inPlainCharacters,
  PARTS_MAX,
  partsOfSms,
  saysHowToStop,
  saysSomething,
  type SmsMeasures,
} from '@/lib/messages/sms-text';
import {
  attributeInBraces,
  OPT_OUT_NAME,
  readSms,
  tagNamesIn,
  unknownNames,
  writtenIf,
  writtenSms,
  type NamedTag,
} from '@/lib/messages/sms-written';
import type { SmsParts } from '@/lib/sms/parts';
import { canBeAnswered } from '@/lib/sms/sender-name';
import { OnlyForDialog, type PartForSome } from './only-for-dialog';
import { SmsLinks } from './sms-links-note';
import { EMPTY_FOR_SOME } from './sms-words';
import { useNamedTags } from './use-named-tags';

type Props = SmsMeasures & {
  slug: string;
  value: SmsText;
  onChange: (value: SmsText) => void;
  attributes: readonly NamedAttribute[];
  /** What the text refers to, and is hidden. */
  hidden: { attributes: readonly NamedAttribute[]; tags: readonly NamedTag[] };
  /** What the sender says it is from: a number can be answered with STOP, a name cannot. Null: there is no sender yet. */
  from: string | null;
  /** People must be able to end it: it is marketing. */
  needsWayOut: boolean;
  onTrackClicks: (trackClicks: boolean) => void;
};

export function SmsEditor(props: Props) {
  const {
    slug,
    value,
    onChange,
    attributes: visible,
    hidden,
    from,
    needsWayOut,
    linkLength,
    settings,
    onTrackClicks,
  } = props;
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  // What is typed stays as it is typed, also while a name is not complete.
  const [draft, setDraft] = useState<{ written: string; value: SmsText } | null>(null);
  /** What was selected when somebody asked for a part for some. */
  const [choosing, setChoosing] = useState<{ start: number; end: number } | null>(null);
  const typed = draft?.value === value ? draft.written : null;
  const asked = tagNamesIn(typed ?? writtenSms(value, { attributes: [], tags: [] }));
  const found = useNamedTags(slug, tagsOfSms(value), asked);
  const { isComplete } = found;
  const tags = [...found.tags, ...hidden.tags];
  const names = { attributes: [...visible, ...hidden.attributes], tags };
  const written = typed ?? writtenSms(value, names);
  const measures = { linkLength, settings };
  const counted = partsOfSms(value, measures);
  const { text: read, problems } = readSms(written, names);
  const unknown = unknownNames(value);

  function write(text: string, more: readonly NamedTag[] = []) {
    const next = readSms(text, { ...names, tags: [...more, ...tags] }).text;
    setDraft({ written: text, value: next });
    onChange(next);
  }

  // A tag whose name was typed has been found, now or when somebody comes back.
  const isRead = asked.length === 0 || JSON.stringify(read) === JSON.stringify(value);
  useEffect(() => {
    if (!isRead && isComplete) write(written);
  });

  function select(start: number, end: number) {
    setTimeout(() => {
      area.current?.focus();
      area.current?.setSelectionRange(start, end);
    });
  }

  const selected = () => ({
    start: area.current?.selectionStart ?? written.length,
    end: area.current?.selectionEnd ?? written.length,
  });

  /** Writes over what is selected, and goes on behind it. */
  function insert(text: string) {
    const { start, end } = selected();
    write(written.slice(0, start) + text + written.slice(end));
    select(start + text.length, start + text.length);
  }

  /** Puts braces around what was selected, and goes on at its end. */
  function insertPart({ start, end }: { start: number; end: number }, { tag, has, otherwise }: PartForSome) {
    setChoosing(null);
    const begin = writtenIf({ tagId: tag.id, has }, { ...names, tags: [tag] });
    const ending = otherwise.trim() === '' ? '{end}' : `{else}${otherwise}{end}`;
    write(written.slice(0, start) + begin + written.slice(start, end) + ending + written.slice(end), [tag]);
    const at = begin.length + end;
    select(at, at);
  }

  const append = (text: string) => write(written.trim() === '' ? text : `${written.trimEnd()}\n${text}`);

  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-end justify-between gap-2">
        <label htmlFor={id} className="text-[13px] font-medium">
          Text
        </label>
        <div className="flex flex-wrap gap-2">
          {visible.length > 0 && (
            <Menu
              label="Insert a value"
              trigger={<Button size="small">Insert a value</Button>}
              entries={visible.map((attribute) => ({
                id: String(attribute.id),
                text: attribute.name,
                label: <span className="max-w-64 truncate">{attribute.name}</span>,
                onAction: () => insert(`{${attributeInBraces(attribute.id, names)}}`),
              }))}
            />
          )}
          <Button size="small" onPress={() => setChoosing(selected())}>
            Only for some…
          </Button>
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
        isAbout={allPieces(value).some(({ type }) => type === 'variable')}
        isLongest={tagsOfSms(value).length > 0}
      />
      <p id={`${id}-help`} className="text-muted text-[13px]">
        A value of the person stands in braces. Write {'{First name|there}'} to say what people without one get, and{' '}
        {'{if VIP}…{else}…{end}'} or {'{if not VIP}…{end}'} for a part that people with or without a tag get. The
        opt-out link leads each person to a page of their own on which they can stop your SMS.
      </p>
      {isComplete && problems.length > 0 && (
        <Banner tone="danger">
          <ul aria-label="Must be fixed" className="flex flex-col gap-1">
            {problems.map(({ at, length, words }) => (
              <li key={at} className="flex flex-wrap items-center gap-2">
                <span className="min-w-0 flex-1 basis-64 wrap-anywhere">
                  <bdi>{words}</bdi>
                </span>
                <Button size="small" aria-label={`Show: ${words}`} onPress={() => select(at, at + length)}>
                  Show
                </Button>
              </li>
            ))}
          </ul>
        </Banner>
      )}
      {saysSomething(value) === 'some' && <Banner tone="danger">{EMPTY_FOR_SOME}</Banner>}
      {counted.parts > PARTS_MAX && (
        <Banner tone="danger">
          Providers do not take more than {PARTS_MAX} parts, and people do not read them. Shorten the text.
        </Banner>
      )}
      <SmsLinks text={value} measures={measures} parts={counted.parts} onTrackClicks={onTrackClicks} />
      <Unicode
        counted={counted}
        text={value}
        measures={measures}
        onReplace={(text) => write(writtenSms(text, names))}
      />
      {unknown.length > 0 && (
        <Banner tone="danger">
          There is no attribute for <bdi>{unknown.slice(0, 5).join(', ')}</bdi>: people would see it as written. Choose
          “Insert a value”, or take it out.
        </Banner>
      )}
      {needsWayOut && from !== null && !saysHowToStop(value) && <WayOut from={from} onAdd={append} />}
      {choosing && (
        <OnlyForDialog
          slug={slug}
          words={written.slice(choosing.start, choosing.end)}
          onClose={() => setChoosing(null)}
          onSave={(part) => insertPart(choosing, part)}
        />
      )}
    </div>
  );
}

function Count({
  id,
  counted: { parts, units, left, encoding },
  isEmpty,
  isAbout,
  isLongest,
}: {
  id: string;
  counted: SmsParts;
  isEmpty: boolean;
  isAbout: boolean;
  /** It differs by tags. */
  isLongest: boolean;
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
      {isLongest && ' · for those for whom it is longest'}
      {isAbout && ' · about: values differ in length'}
    </p>
  );
}

/** The characters that make a text dearer, and what can stand in their place. */
function Unicode({
  counted: { encoding, unicode },
  text,
  measures,
  onReplace,
}: {
  counted: SmsParts;
  text: SmsText;
  measures: SmsMeasures;
  onReplace: (text: SmsText) => void;
}) {
  if (encoding !== 'ucs2') return null;
  const plain = inPlainCharacters(text);
  const then = partsOfSms(plain, measures);
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
        {then.unicode.length < unicode.length && (
          <Button size="small" onPress={() => onReplace(plain)}>
            Replace {then.encoding === 'gsm7' ? 'them' : 'quotes and dashes'}
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
