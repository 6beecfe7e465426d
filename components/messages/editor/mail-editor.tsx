'use client';
// The editor of a mail: blocks edited in place on a canvas that looks like the mail, one toolbar, and the settings of the selected block
// beside it. Everything is one history of undo.
import { Eye, ListChecks, SlidersHorizontal, X } from 'lucide-react';
import type { Editor } from '@tiptap/react';
import {
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
  type CSSProperties,
  type ReactNode,
} from 'react';
import { useUndoKeys } from '@/components/ui/hotkeys';
import { Button, IconButton } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import { reduceHistory, startHistory } from '@/components/ui/edit-history';
import { useAnnouncement } from '@/components/ui/use-announcement';
import { fontsOf, CONTENT_WIDTH, FOOTER_COLOUR, FOOTER_SIZE } from '@/lib/mail-document/look';
import { footerWords } from '@/lib/mail-document/footer-words';
import type { HiddenParts } from '@/lib/messages/attention';
import { problemsOf } from '@/lib/mail-document/problems';
import type { Block, Brand, MailDocument } from '@/lib/mail-document/schema';
import { focusText } from './block-frame';
import { BlockItem, BlockList } from './block-list';
import { BlockSettings } from './block-settings';
import {
  EditorContext,
  SelectionContext,
  useEditorActions,
  type EditorActions,
  type EditorAttribute,
} from './editor-context';
import { Head } from './head';
import { BLOCK_KINDS, newBlockId } from './new-blocks';
import { Preview } from './preview';
import type { Among } from '../use-audience';
import { ProblemList } from './problem-list';
import { StartFrom } from './start-from';
import { EditorToolbar } from './toolbar';
import {
  copyOf,
  findBlock,
  footersLast,
  insertBlock,
  listAt,
  moveBlock,
  placeOf,
  removeBlock,
  shiftBlock,
  updateBlock,
} from './tree';
import { WhoDialog } from './who-dialog';

type Props = {
  slug: string;
  /** What it begins with. To show another document, give it another `key`. */
  value: MailDocument;
  /** Called with each change, also by undo. */
  onChange: (document: MailDocument) => void;
  brand: Brand;
  attributes: readonly EditorAttribute[];
  /** What the mail refers to, and is hidden. */
  hidden: HiddenParts;
  /** Who gets it, for the preview. */
  among: Among;
  /** Only the subject and the preview text are written. */
  headOnly?: boolean;
  /** Calls of the API may send it. */
  forApi?: boolean;
  /** What an empty mail can start from besides what is built in. */
  startFrom?: ReactNode;
};

/** Text in a field has its own undo. */
const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

export function MailEditor(props: Props) {
  const {
    slug,
    value,
    onChange,
    brand,
    attributes,
    hidden,
    among,
    headOnly = false,
    forApi = false,
    startFrom,
  } = props;
  const [history, dispatch] = useReducer(reduceHistory<MailDocument>, value, (given) =>
    startHistory({ ...given, blocks: footersLast(given.blocks) }),
  );
  const document = history.present;
  const [selected, setSelected] = useState<string | null>(null);
  const [text, setText] = useState<{ editor: Editor; plain: boolean } | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const [panel, setPanel] = useState<'closed' | 'block' | 'checks'>('closed');
  const [isPreviewing, setPreviewing] = useState(false);
  const [said, say] = useAnnouncement();
  const toolbar = useRef<HTMLDivElement>(null);
  const root = useRef<HTMLDivElement>(null);
  /** The block that gets the focus once it is there. */
  const next = useRef<{ id: string; text: boolean } | null>(null);
  const latest = useRef({ document, onChange });
  useEffect(() => {
    const before = latest.current.document;
    latest.current = { document, onChange };
    if (document !== before) onChange(document);
  });

  useEffect(() => {
    const wanted = next.current;
    if (!wanted) return;
    next.current = null;
    // A new text is there once its editor has been made.
    const timer = setTimeout(() => {
      const frame = root.current?.querySelector<HTMLElement>(`[data-block-id="${wanted.id}"]`);
      if (wanted.text) focusText(frame ?? null);
      else frame?.focus();
      frame?.scrollIntoView({ block: 'nearest' });
    }, 30);
    return () => clearTimeout(timer);
  }, [document]);

  const change = useCallback<EditorActions['change']>((to, what = null) => {
    dispatch({ type: 'change', change: to, what, at: Date.now() });
  }, []);

  const actions = useMemo<EditorActions>(() => {
    const changeBlocks = (to: (blocks: readonly Block[]) => readonly Block[], what: string | null = null) =>
      change((now) => {
        const blocks = to(now.blocks);
        return blocks === now.blocks ? now : { ...now, blocks: [...blocks] };
      }, what);
    const blocksNow = () => latest.current.document.blocks;
    const named = (id: string) => {
      const block = findBlock(blocksNow(), id);
      return block ? BLOCK_KINDS[block.kind].name : 'Block';
    };
    const show = (id: string, withText: boolean) => {
      next.current = { id, text: withText };
      setSelected(id);
    };
    return {
      slug,
      brand,
      attributes,
      hidden,
      forApi,
      change,
      changeBlock: (id, to, what = null) => changeBlocks((blocks) => updateBlock(blocks, id, to), what),
      start: (blocks, head) => {
        change((now) => ({
          ...now,
          ...(head && now.subject.length === 0 && { subject: head.subject }),
          ...(head && now.preheader.length === 0 && { preheader: head.preheader }),
          blocks: [...footersLast(blocks)],
        }));
        show(blocks[0]!.id, true);
      },
      insert: (place, block) => {
        changeBlocks((blocks) => insertBlock(blocks, place, block));
        show(block.kind === 'columns' ? block.columns[0]![0]!.id : block.id, true);
        say(`${BLOCK_KINDS[block.kind].name} added`);
      },
      addAfter: (id, block) => {
        changeBlocks((blocks) => {
          const place = placeOf(blocks, id);
          return place ? insertBlock(blocks, { ...place, index: place.index + 1 }, block) : blocks;
        });
        show(block.id, true);
      },
      remove: (id) => {
        const place = placeOf(blocksNow(), id);
        if (!place) return;
        say(`${named(id)} removed. Ctrl+Z brings it back.`);
        const list = listAt(blocksNow(), place).filter((block) => block.id !== id);
        const near = list[Math.min(place.index, list.length - 1)]?.id ?? place.within;
        changeBlocks((blocks) => removeBlock(blocks, id));
        setText(null);
        if (near) show(near, false);
        else setSelected(null);
      },
      duplicate: (id) => {
        const block = findBlock(blocksNow(), id);
        const place = placeOf(blocksNow(), id);
        if (!block || !place) return;
        const copy = copyOf(block, newBlockId);
        changeBlocks((blocks) => insertBlock(blocks, { ...place, index: place.index + 1 }, copy));
        show(copy.id, false);
        say('Copied');
      },
      shift: (id, by) => {
        const moved = shiftBlock(blocksNow(), id, by);
        const place = placeOf(moved, id);
        if (moved === blocksNow() || !place) return say(by < 0 ? 'It is the first already' : 'It is the last already');
        changeBlocks((blocks) => shiftBlock(blocks, id, by));
        show(id, false);
        const count = listAt(moved, place).filter(
          ({ kind }) => kind !== 'footer' || findBlock(moved, id)?.kind === kind,
        ).length;
        say(`${named(id)}: now ${place.index + 1} of ${count}`);
      },
      move: (id, to) => {
        changeBlocks((blocks) => moveBlock(blocks, id, to));
        show(id, false);
      },
      select: (id) => {
        setSelected(id);
        // What has been chosen shows its settings, also in place of the checks.
        if (id !== null) setPanel((now) => (now === 'checks' ? 'closed' : now));
      },
      setText,
      askWho: setAsked,
      openSettings: (id) => {
        setSelected(id);
        setPanel('block');
        setTimeout(() => {
          const shown = [
            ...(root.current?.querySelectorAll<HTMLElement>('[data-panel] :is(input, button, textarea)') ?? []),
          ];
          shown.find((one) => one.offsetParent !== null && !one.closest('[data-panel-head]'))?.focus();
        }, 30);
      },
      focusToolbar: () => toolbar.current?.querySelector<HTMLElement>('button:enabled')?.focus(),
    };
  }, [slug, brand, attributes, hidden, forApi, change, say]);

  const block = selected === null ? undefined : findBlock(document.blocks, selected);
  const problems = useMemo(
    () => problemsOf(document, hidden).filter(({ blockId }) => !headOnly || blockId === null),
    [document, headOnly, hidden],
  );
  const mustFix = problems.filter(({ must }) => must).length;

  function undo(by: 'undo' | 'redo') {
    dispatch({ type: by });
    say(by === 'undo' ? 'Undone' : 'Redone');
  }

  useUndoKeys(root, undo, isField);

  function go(blockId: string | null) {
    setPanel('closed');
    const frame = blockId && root.current?.querySelector<HTMLElement>(`[data-block-id="${blockId}"]`);
    if (frame) {
      frame.scrollIntoView({ block: 'center' });
      setSelected(blockId);
      frame.focus();
    } else root.current?.querySelector<HTMLElement>('[data-head] .ProseMirror')?.focus();
  }

  return (
    <EditorContext value={actions}>
      <SelectionContext value={{ selected }}>
        <div ref={root} className="@container flex flex-col gap-3">
          <Head document={document} />
          <EditorToolbar
            ref={toolbar}
            text={text}
            canUndo={history.past.length > 0}
            canRedo={history.future.length > 0}
            onUndo={() => undo('undo')}
            onRedo={() => undo('redo')}
          >
            {!headOnly && (
              <>
                <span className="@min-[56rem]:hidden">
                  <IconButton
                    label="Settings of the block"
                    isDisabled={!block}
                    onPress={() => block && actions.openSettings(block.id)}
                  >
                    <SlidersHorizontal aria-hidden className="size-4" />
                  </IconButton>
                </span>
                <Button size="small" variant="quiet" onPress={() => setPanel(panel === 'checks' ? 'closed' : 'checks')}>
                  <ListChecks aria-hidden className="size-4" />
                  <span>
                    {mustFix > 0
                      ? `${mustFix} to fix`
                      : problems.length > 0
                        ? `${problems.length} ${problems.length === 1 ? 'tip' : 'tips'}`
                        : 'Checked'}
                  </span>
                </Button>
              </>
            )}
            <Button size="small" onPress={() => setPreviewing(true)}>
              <Eye aria-hidden className="size-4" />
              Preview
            </Button>
          </EditorToolbar>
          {headOnly ? (
            problems.length > 0 && (
              <div className={`${cardClass} p-4`}>
                <ProblemList problems={problems} onGo={go} />
              </div>
            )
          ) : (
            <div className="grid items-start gap-4 @min-[56rem]:grid-cols-[minmax(0,1fr)_18rem]">
              <Canvas document={document} startFrom={startFrom} />
              <aside
                data-panel
                aria-label={panel === 'checks' ? 'Checks' : 'Settings'}
                className={`${cardClass} @min-[56rem]:sticky @min-[56rem]:top-14 flex max-h-[60vh] flex-col overflow-y-auto p-4 @max-[56rem]:fixed @max-[56rem]:inset-x-2 @max-[56rem]:bottom-2 @max-[56rem]:z-40 @max-[56rem]:shadow-raised @min-[56rem]:max-h-[calc(100dvh-5rem)] ${panel === 'closed' || (panel === 'block' && !block) ? '@max-[56rem]:hidden' : ''}`}
              >
                <div data-panel-head className="mb-3 flex min-h-8 items-center justify-between gap-2">
                  <h2 className="text-[15px] font-semibold">
                    {panel === 'checks' || !block ? 'Checks' : BLOCK_KINDS[block.kind].name}
                  </h2>
                  <span className={panel === 'checks' ? '' : '@min-[56rem]:hidden'}>
                    <IconButton label="Close" onPress={() => setPanel('closed')}>
                      <X aria-hidden className="size-4" />
                    </IconButton>
                  </span>
                </div>
                {panel === 'checks' || !block ? (
                  <ProblemList problems={problems} onGo={go} />
                ) : (
                  <BlockSettings key={block.id} block={block} />
                )}
              </aside>
            </div>
          )}
          <span role="status" className="sr-only">
            {said}
          </span>
          {isPreviewing && (
            <Preview slug={slug} document={document} among={among} onClose={() => setPreviewing(false)} />
          )}
          {asked !== null && (
            <WhoDialog
              slug={slug}
              who={findBlock(document.blocks, asked)?.onlyFor ?? null}
              onClose={() => setAsked(null)}
              onSave={(onlyFor) => {
                actions.changeBlock(asked, (now) => ({ ...now, onlyFor }));
                setAsked(null);
              }}
            />
          )}
        </div>
      </SelectionContext>
    </EditorContext>
  );
}

/** Links in texts have this colour: see app/globals.css. */
const linksIn = (colour: string) => ({ '--mail-link': colour }) as CSSProperties;

/** The mail as it looks in a light inbox: it has its own colours, whatever the theme of the page. */
function Canvas({ document, startFrom }: { document: MailDocument; startFrom: ReactNode }) {
  const { brand, select, start } = useEditorActions();
  const { selected } = useContext(SelectionContext);
  const words = footerWords(brand.language);
  const main = document.blocks.filter(({ kind }) => kind !== 'footer');
  const footers = document.blocks.filter(({ kind }) => kind === 'footer');
  return (
    <section
      aria-label="The mail"
      style={{
        ...{ background: brand.background, color: brand.text, fontFamily: fontsOf(brand), colorScheme: 'light' },
        ...linksIn(brand.accent),
      }}
      className="border-line overflow-x-clip rounded-lg border px-2 py-6 sm:px-6"
      onClick={(event) => event.target === event.currentTarget && select(null)}
    >
      <div className="@container/paper mx-auto" style={{ maxWidth: CONTENT_WIDTH, background: brand.paper }}>
        {brand.logo && (
          <div className="px-6 pt-6 pb-2 text-center">
            <img
              src={brand.logo.source}
              alt={brand.logo.alt}
              width={brand.logo.width}
              className="inline-block h-auto max-w-full"
            />
          </div>
        )}
        {document.blocks.length === 0 ? (
          <StartFrom onStart={start} more={startFrom} />
        ) : (
          <BlockList blocks={main} within={null} column={0} />
        )}
      </div>
      <div
        className="mx-auto mt-2 px-0 text-center"
        style={{
          ...{ maxWidth: CONTENT_WIDTH, color: FOOTER_COLOUR, fontSize: FOOTER_SIZE, lineHeight: 1.5 },
          ...linksIn(FOOTER_COLOUR),
        }}
      >
        {footers.map((footer, at) => (
          <BlockItem
            key={footer.id}
            block={footer}
            isSelected={selected === footer.id}
            within={null}
            column={0}
            index={main.length + at}
            count={document.blocks.length}
          />
        ))}
        <div className="px-6 py-2">
          {brand.sentBy && <p className="mb-2 whitespace-pre-line">{brand.sentBy}</p>}
          <p>
            <span className="underline">{words.unsubscribe}</span> ·{' '}
            <span className="underline">{words.preferences}</span> · <span className="underline">{words.view}</span>
          </p>
        </div>
      </div>
    </section>
  );
}
