'use client';
// Where HTML is pasted and changed. It is kept as it was written; what of it is not sent is said below it at once.
import { useDeferredValue, useId, useMemo, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { inputClass } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';
import { problemsOfHtml } from '@/lib/mail-document/html-problems';
import { GIVEN_PREFIX, readHtml, valueAs, writtenHtml } from '@/lib/mail-document/html-source';
import { HTML_MAX, type HtmlSource } from '@/lib/mail-document/schema';
import type { EditorAttribute } from './editor-context';
import { ProblemLine } from './problem-line';

type Props = {
  source: HtmlSource;
  attributes: readonly EditorAttribute[];
  /** Calls of the API may give values. */
  onSave: (source: HtmlSource) => void;
  onClose: () => void;
};

export function HtmlDialog({ source, attributes, onSave, onClose }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [before] = useState(() => writtenHtml(source, attributes));
  const [written, setWritten] = useState(before);
  const calm = useDeferredValue(written);
  const problems = useMemo(() => {
    const read = readHtml(calm, attributes);
    return read.length === 0 ? [] : problemsOfHtml(read);
  }, [calm, attributes]);
  const isTooLong = written.length > HTML_MAX;

  /** Writes over what is selected, and goes on behind it. */
  function insert(text: string) {
    const { selectionStart: start, selectionEnd: end } = area.current ?? { selectionStart: 0, selectionEnd: 0 };
    setWritten(written.slice(0, start) + text + written.slice(end));
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(start + text.length, start + text.length);
    });
  }

  const values = [
    ...attributes.map(({ id: attributeId, name }) => ({ id: String(attributeId), name, text: valueAs(name, 'there') })),
    { id: 'given', name: 'Given by the API', text: valueAs(`${GIVEN_PREFIX}order_number`, '') },
  ];
  return (
    <Dialog
      title="HTML"
      isOpen
      onClose={onClose}
      wide="most"
      unsaved={written !== before}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isDisabled={isTooLong} onPress={() => onSave(readHtml(written, attributes))}>
            Use this HTML
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap items-end justify-between gap-2">
          <label htmlFor={id} className="text-[13px] font-medium">
            HTML of the block
          </label>
          {values.length > 0 && (
            <Menu
              label="Insert a value"
              trigger={<Button size="small">Insert a value</Button>}
              entries={values.map((value) => ({
                id: value.id,
                text: value.name,
                label: <span className="max-w-64 truncate">{value.name}</span>,
                onAction: () => insert(value.text),
              }))}
            />
          )}
        </div>
        <textarea
          ref={area}
          id={id}
          rows={14}
          dir="ltr"
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          autoFocus
          value={written}
          onChange={(event) => setWritten(event.target.value)}
          aria-describedby={`${id}-help`}
          placeholder={'<table role="presentation" width="100%">…</table>'}
          className={`${inputClass} h-auto py-2 font-mono text-[13px] leading-relaxed`}
        />
        <p id={`${id}-help`} className="text-muted text-[13px]">
          The content of a mail, with inlined styles. Put values in double braces: {'{{First name|there}}'} says “there”
          to people without a first name. Clicks on links are counted, and the mail keeps its own footer.
        </p>
        {isTooLong && (
          <p role="alert" className="text-danger text-[13px]">
            This has {written.length.toLocaleString('en-GB')} characters; {HTML_MAX.toLocaleString('en-GB')} can be
            kept. Gmail cuts a mail at about 100,000.
          </p>
        )}
        <section aria-label="What is not sent" aria-live="polite">
          {problems.length > 0 && (
            <ul className="flex flex-col gap-1.5 pt-1">
              {problems.map(({ must, words }, at) => (
                <li key={at} className="flex items-start gap-2">
                  <ProblemLine must={must} words={words} />
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </Dialog>
  );
}
