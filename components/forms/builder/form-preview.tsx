'use client';
// The form as people get it, while somebody works on it: by the same renderer as its page, in a frame in which nothing runs and nothing is sent.
import { useEffect, useRef, useState, type CSSProperties } from 'react';
import { ToggleRow } from '@/components/ui/toggle-row';
import { InlineSelect } from '@/components/ui/inline';
import { useElementWidth } from '@/components/ui/use-element-width';
import { afterOf, confirmedOf, renderNote, styleOfForm } from '@/lib/forms/page';
import { renderForm } from '@/lib/forms/render';
import type { FormDocument } from '@/lib/forms/schema';
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

type Page = { document: FormDocument; brand: Brand; name: string; stepId: string; scheme: 'light' | 'dark' };

/** Written into, not loaded again, so that it stays where it was scrolled to. Nothing in it can run: it may not have scripts. */
function LiveFrame({ page, openedId, style }: { page: Page; openedId: string | null; style: CSSProperties }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [first] = useState(() => pageOf(page.name));
  const latest = useRef(page);
  useEffect(() => {
    latest.current = page;
    write(frame.current, page);
  });
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
      onLoad={() => write(frame.current, latest.current)}
      style={style}
      className="block max-w-none border-0"
    />
  );
}

function pageOf(name: string): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width"><title>${escapeHtml(name)}</title><style></style><body><main></main></body>`;
}

function write(frame: HTMLIFrameElement | null, { document, brand, stepId, scheme }: Page): void {
  const inside = frame?.contentDocument;
  const [style, main] = [inside?.querySelector('style'), inside?.querySelector('main')];
  if (!inside || !style || !main) return;
  // The device's colours cannot be set from outside, so the form is asked for in those.
  const look = { ...document.look, scheme: document.look.scheme === 'auto' ? scheme : document.look.scheme };
  inside.documentElement.lang = document.language;
  inside.documentElement.dir = directionOf(document.language);
  const css = `${styleOfForm({ ...document, look }, brand)}a,button{pointer-events:none}`;
  if (style.textContent !== css) style.textContent = css;
  const note = stepId === AFTER ? afterOf(document) : stepId === CONFIRMED ? confirmedOf(document) : null;
  const html = note ? renderNote(note.title, note.text) : renderForm(document, { action: '', brand, stepId });
  if (main.dataset.of === html) return;
  main.dataset.of = html;
  main.innerHTML = html;
}

function showElement(frame: HTMLIFrameElement | null, id: string): void {
  const inside = frame?.contentDocument;
  const found = inside?.getElementById(`w-${id}`) ?? inside?.querySelector(`[name="${id}"]`);
  found?.scrollIntoView({ block: 'nearest' });
}
