'use client';
// An HTML block: shown as the mail will have it, written in a dialog.
import { useCallback, useMemo, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { ToggleRow } from '@/components/ui/toggle-row';
import { problemsOfHtml } from '@/lib/mail-document/html-problems';
import { htmlTree } from '@/lib/mail-document/html-tree';
import { writeHtml } from '@/lib/mail-document/html-write';
import { fontsOf, TEXT_SIZE } from '@/lib/mail-document/look';
import type { Block, Brand, HtmlSource } from '@/lib/mail-document/schema';
import { escapeHtml } from '@/lib/mail-document/template';
import { useEditorActions, type EditorAttribute } from './editor-context';
import { HtmlDialog } from './html-dialog';

type HtmlBlock = Extract<Block, { kind: 'html' }>;

export function HtmlContent({ block }: { block: HtmlBlock }) {
  const { brand, attributes } = useEditorActions();
  const [isEditing, setEditing] = useState(false);
  const html = useMemo(() => shownHtml(block.source, attributes), [block.source, attributes]);
  return (
    <div className={block.wide ? '' : 'px-6 py-2'}>
      {html === '' ? (
        <div className="m-2 flex flex-col items-center gap-1 rounded-md border border-dashed border-[#71717a] px-4 py-6 text-center font-sans text-[14px] text-[#3f3f46]">
          <button type="button" className="font-medium underline" onClick={() => setEditing(true)}>
            {block.source.length === 0 ? 'Paste HTML' : 'Nothing of the HTML can be shown: change it'}
          </button>
        </div>
      ) : (
        <Shown html={html} brand={brand} />
      )}
      {isEditing && <EditHtml block={block} onClose={() => setEditing(false)} />}
    </div>
  );
}

/** In a frame of its own, in which no script runs; a press on it selects the block. It is as high as its content. */
function Shown({ html, brand }: { html: string; brand: Brand }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(40);
  const measure = useCallback(() => {
    const page = frame.current?.contentDocument?.documentElement;
    if (page) setHeight(Math.max(16, Math.ceil(page.getBoundingClientRect().height)));
  }, []);
  const watch = useCallback(() => {
    const page = frame.current?.contentDocument?.documentElement;
    if (!page) return;
    // Pictures come later, and the canvas changes its width.
    new ResizeObserver(measure).observe(page);
    measure();
  }, [measure]);
  return (
    <iframe
      ref={frame}
      title="HTML as it is sent"
      // Without scripts, its own origin gives it nothing; with it, its height can be read.
      sandbox="allow-same-origin"
      referrerPolicy="no-referrer"
      tabIndex={-1}
      onLoad={watch}
      srcDoc={documentOf(html, brand)}
      className="pointer-events-none block w-full border-0"
      style={{ height, colorScheme: 'light' }}
    />
  );
}

function documentOf(html: string, brand: Brand): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'`;
  const style = `html,body{margin:0}body{font-family:${fontsOf(brand)};font-size:${TEXT_SIZE}px;line-height:1.5;color:${brand.text};overflow-wrap:anywhere}a{color:${brand.accent}}`;
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><style>${style}</style>${html}`;
}

/** The block as it is sent, with what people without a value read. */
function shownHtml(source: HtmlSource, attributes: readonly EditorAttribute[]): string {
  const nameOf = (value: Exclude<HtmlSource[number], { type: 'text' }>) =>
    value.type === 'given' ? value.name : (attributes.find(({ id }) => id === value.attributeId)?.name ?? '…');
  return writeHtml(htmlTree(source).nodes, {
    words: escapeHtml,
    value: (value) => escapeHtml(value.fallback || `[${nameOf(value)}]`),
    link: escapeHtml,
    picture: escapeHtml,
  });
}

function EditHtml({ block, onClose }: { block: HtmlBlock; onClose: () => void }) {
  const { attributes, changeBlock } = useEditorActions();
  return (
    <HtmlDialog
      source={block.source}
      attributes={attributes}
      onClose={onClose}
      onSave={(source) => {
        changeBlock(block.id, (now) => ({ ...now, source }) as Block);
        onClose();
      }}
    />
  );
}

export function HtmlSettings({ block, set }: { block: HtmlBlock; set: (part: Partial<HtmlBlock>) => void }) {
  const [isEditing, setEditing] = useState(false);
  const problems = useMemo(() => problemsOfHtml(block.source), [block.source]);
  return (
    <>
      <div>
        <Button size="small" onPress={() => setEditing(true)}>
          {block.source.length === 0 ? 'Paste HTML…' : 'Change the HTML…'}
        </Button>
      </div>
      <div className="flex flex-col gap-1">
        <span aria-hidden className="text-[13px] font-medium">
          Width
        </span>
        <ToggleRow
          label="Width"
          value={block.wide ? 'wide' : 'margin'}
          options={[
            { value: 'wide', label: 'Edge to edge' },
            { value: 'margin', label: 'As texts' },
          ]}
          onChange={(width) => set({ wide: width === 'wide' })}
        />
      </div>
      {block.source.length > 0 && problems.length > 0 && (
        <ul className="flex flex-col gap-1.5 text-[13px] wrap-anywhere">
          {problems.map(({ must, words }, at) => (
            <li key={at} className={must ? 'text-danger' : 'text-muted'}>
              {words}
            </li>
          ))}
        </ul>
      )}
      {isEditing && <EditHtml block={block} onClose={() => setEditing(false)} />}
    </>
  );
}
