'use client';
// The form as people get it, while somebody works on it: by the same renderer as its page, in a frame in which nothing runs and nothing is sent.
import { useCallback, useEffect, useRef, useState, type CSSProperties } from 'react';
import { ToggleRow } from '@/components/ui/toggle-row';
import { InlineSelect } from '@/components/ui/inline';
import { useElementWidth } from '@/components/ui/use-element-width';
import { afterOf, confirmedOf, renderNote, styleOfForm } from '@/lib/forms/page';
import { FIELDS, renderForm } from '@/lib/forms/render';
import type { FormDocument } from '@/lib/forms/schema';
import { enteredIn, enteredToShow, NOTHING_ENTERED, shownIds, stepsToShow, type Entered } from '@/lib/forms/shown';
import { directionOf } from '@/lib/forms/texts';
import type { Brand } from '@/lib/mail-document/schema';
import { escapeHtml } from '@/lib/text/escape-html';
import { placeOf } from './changes';

/** What is shown in place of a step. No step is called so. */
const AFTER = '';
const CONFIRMED = ' ';

const WIDTHS = { phone: 390, page: 720 };

type Props = {
  document: FormDocument;
  brand: Brand;
  name: string;
  /** The element that is edited: its step is shown. */
  openedId: string | null;
  /** What is edited, if it is none of the questions: what comes after sending, or the confirmation. */
  after: 'sent' | 'confirmation' | null;
};

export function FormPreview({ document, brand, name, openedId, after }: Props) {
  const [width, setWidth] = useState<keyof typeof WIDTHS>('phone');
  const [scheme, setScheme] = useState<'light' | 'dark'>(document.look.scheme === 'dark' ? 'dark' : 'light');
  const { steps, look } = document;
  const last = after === 'sent' && document.optIn.on ? CONFIRMED : AFTER;
  const edited = after !== null ? last : steps[placeOf(steps, openedId ?? '')?.step ?? 0]!.id;
  /** What was chosen here, until something else is edited. */
  const [chosen, setChosen] = useState({ stepId: edited, beside: edited });
  const wanted = chosen.beside === edited ? chosen.stepId : edited;
  const isShown =
    wanted === AFTER || (wanted === CONFIRMED && document.optIn.on) || steps.some(({ id }) => id === wanted);
  const stepId = isShown ? wanted : steps[0]!.id;
  const go = (way: 'next' | 'back', entered: Entered) => {
    const order = stepsToShow(document, shownIds(document, entered)).map(({ id }) => id);
    const next = order[order.indexOf(stepId) + (way === 'next' ? 1 : -1)];
    if (next === undefined && way === 'back') return;
    setChosen({ stepId: next ?? AFTER, beside: edited });
  };
  const [box, ref] = useElementWidth();
  const shown = WIDTHS[width];
  const scale = box === 0 ? 1 : Math.min(1, box / shown);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <ToggleRow
          label="Width"
          value={width}
          options={[
            { value: 'phone', label: 'Phone' },
            { value: 'page', label: 'Page' },
          ]}
          onChange={setWidth}
        />
        <ToggleRow
          label="Colours of the device"
          value={scheme}
          options={[
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
          onChange={setScheme}
        />
        <InlineSelect
          label="What is shown"
          value={stepId}
          options={[
            ...steps.map(({ id, title }, at) => ({
              value: id,
              label: steps.length === 1 ? 'The form' : `Step ${at + 1}${title && `: ${title}`}`,
            })),
            { value: AFTER, label: 'After sending' },
            ...(document.optIn.on ? [{ value: CONFIRMED, label: 'After the confirmation' }] : []),
          ]}
          onChange={(next) => setChosen({ stepId: next, beside: edited })}
        />
      </div>
      {look.scheme !== 'auto' && look.scheme !== scheme && (
        <p className="text-muted text-[13px]">
          The form is {look.scheme} on every device. “As the device” is under Look and words.
        </p>
      )}
      <div ref={ref} className="bg-sunken min-h-0 flex-1 overflow-hidden rounded-md">
        <LiveFrame
          page={{ document, brand, name, stepId, scheme }}
          openedId={openedId}
          onGo={go}
          style={{
            width: shown,
            height: `${100 / scale}%`,
            colorScheme: 'light',
            transform: `scale(${scale})`,
            transformOrigin: 'top left',
            marginLeft: Math.max(0, (box - shown) / 2),
          }}
        />
      </div>
    </>
  );
}

type FrameProps = {
  page: Page;
  openedId: string | null;
  onGo: (way: 'next' | 'back', entered: Entered) => void;
  style: CSSProperties;
};

type Page = { document: FormDocument; brand: Brand; name: string; stepId: string; scheme: 'light' | 'dark' };

/** Written into, not loaded again, so that it stays where it was scrolled to. Nothing in it can run: it may not have scripts. */
function LiveFrame({ page, openedId, onGo, style }: FrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  /** What was entered in the preview so far: it stays from step to step, as on the page. */
  const entered = useRef<Entered>(NOTHING_ENTERED);
  const [first] = useState(() => pageOf(page.name));
  const latest = useRef({ page, openedId, onGo });
  const show = useCallback(() => {
    const { page: now, openedId: opened } = latest.current;
    const said = enteredNow(frame.current, now.document, entered.current);
    entered.current = opened === null ? said : enteredToShow(now.document, said, opened);
    write(frame.current, now, entered.current);
  }, []);
  useEffect(() => {
    latest.current = { page, openedId, onGo };
    show();
  });
  const onLoad = () => {
    show();
    frame.current?.contentDocument?.addEventListener('click', (event) => {
      const { target } = event;
      // Of another window, so it is no `Element` of this one.
      const button = (target as Element | null)?.closest?.(`button[name="${FIELDS.go}"]`);
      if (!button) return;
      event.preventDefault();
      entered.current = enteredNow(frame.current, latest.current.page.document, entered.current);
      latest.current.onGo(button.getAttribute('value') === 'back' ? 'back' : 'next', entered.current);
    });
  };
  useEffect(() => {
    if (openedId !== null) showElement(frame.current, openedId);
  }, [openedId, page.stepId]);
  return (
    <iframe
      ref={frame}
      title="Preview of the form"
      sandbox="allow-same-origin"
      referrerPolicy="no-referrer"
      srcDoc={first}
      onLoad={onLoad}
      style={style}
      className="block max-w-none border-0"
    />
  );
}

function pageOf(name: string): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width"><title>${escapeHtml(name)}</title><style></style><body><main></main></body>`;
}

/** What the form in the frame says now; while there is none, what it said before. */
function enteredNow(frame: HTMLIFrameElement | null, document: FormDocument, before: Entered): Entered {
  const form = frame?.contentDocument?.querySelector('form');
  if (!form) return before;
  const said = [...new FormData(form)].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const now = enteredIn(document, new URLSearchParams(said));
  const here = new Set([...form.elements].map((field) => field.getAttribute('name')));
  return new Map([...[...before].filter(([id]) => !here.has(id)), ...now]);
}

function write(frame: HTMLIFrameElement | null, page: Page, values: Entered): void {
  const { document, brand, stepId, scheme } = page;
  const inside = frame?.contentDocument;
  const [style, main] = [inside?.querySelector('style'), inside?.querySelector('main')];
  if (!inside || !style || !main) return;
  // The device's colours cannot be set from outside, so the form is asked for in those.
  const look = { ...document.look, scheme: document.look.scheme === 'auto' ? scheme : document.look.scheme };
  inside.documentElement.lang = document.language;
  inside.documentElement.dir = directionOf(document.language);
  const css = `${styleOfForm({ ...document, look }, brand)}a,button:not([name=${FIELDS.go}]){pointer-events:none}`;
  if (style.textContent !== css) style.textContent = css;
  const note = noteOf(document, stepId);
  const html = note ? renderNote(note.title, note.text) : renderForm(document, { action: '', brand, stepId, values });
  if (main.dataset.of === html) return;
  main.dataset.of = html;
  main.innerHTML = html;
}

/** What is said in place of a step; of a page of the author's own, where people go on. */
function noteOf(document: FormDocument, stepId: string): { title: string; text: string } | null {
  if (stepId !== AFTER && stepId !== CONFIRMED) return null;
  const isLast = stepId === CONFIRMED || !document.optIn.on;
  if (isLast && document.after.kind === 'address') {
    const { address, parameters } = document.after;
    const carried = parameters.map(({ name }) => name).join(', ');
    const text = address === '' ? 'Its address is not entered yet.' : address;
    return {
      title: 'People go on to your page',
      text: carried === '' ? text : `${text}\n\nIts address carries: ${carried}.`,
    };
  }
  return stepId === AFTER ? afterOf(document) : confirmedOf(document);
}

function showElement(frame: HTMLIFrameElement | null, id: string): void {
  const inside = frame?.contentDocument;
  const found = inside?.getElementById(`w-${id}`) ?? inside?.querySelector(`[name="${id}"]`);
  found?.scrollIntoView({ block: 'nearest' });
}
