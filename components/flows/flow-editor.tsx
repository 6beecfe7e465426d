'use client';
// The editor of a flow: its canvas or its outline, and beside it the fields of what is chosen. Everything is one history of undo.
import clsx from 'clsx';
import { ListChecks, ListTree, Minus, Plus, Redo2, Undo2, Workflow } from 'lucide-react';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState, type ReactNode } from 'react';
import { ProblemList } from '@/components/messages/editor/problem-list';
import { Button, IconButton } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { cardClass, Kbd } from '@/components/ui/display';
import { reduceHistory, startHistory } from '@/components/ui/edit-history';
import { useUndoKeys } from '@/components/ui/hotkeys';
import { useAnnouncement } from '@/components/ui/use-announcement';
import { useElementWidth } from '@/components/ui/use-element-width';
import type { SectionId } from '@/lib/db/ids';
import { problemsOf, type FlowProblem } from '@/lib/flows/problems';
import type { FlowNumbers } from '@/lib/flows/queries';
import type { FlowDocument, FlowSettings } from '@/lib/flows/schema';
import { AddStep } from './add-step';
import { Canvas, ZOOMS } from './canvas';
import { EditorContext, ShownContext, type EditorActions, type FlowThings } from './editor-context';
import { wordsOfNodes } from './node-words';
import { numbersOfNode } from './number-words';
import { outlineOf, type OutlineNode } from './outline';
import { OutlineView } from './outline-view';
import { RemoveDialog } from './remove-dialog';
import { PanelHead, StepPanel } from './step-panel';
import { START, type NodeId } from './tree';
import { useCanvasKeys } from './use-canvas-keys';
import { useFlowActions } from './use-flow-actions';
import { useFlowNames } from './use-flow-names';

/** Below it, the fields are in a dialog; pixels of a page whose text has its usual size. */
const WIDE = 900;
/** Below it, there is only the outline. */
const CANVAS = 640;

type Props = {
  section: { id: SectionId; slug: string };
  /** The address of the flow. */
  flowHref: string;
  /** What it begins with. To show another document, give it another `key`. */
  value: FlowDocument;
  /** Called with each change, also by undo. */
  onChange: (document: FlowDocument) => void;
  settings: FlowSettings;
  things: FlowThings;
  /** What the server found in the saved draft, such as hidden things. */
  further: readonly FlowProblem[];
  /** What has happened in it; null before it has been published. */
  numbers: FlowNumbers | null;
  /** With each other number, the checks are opened. */
  checks: number;
  /** Above the canvas. */
  settingsLine: ReactNode;
};

/** Text in a field has its own undo. */
const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

export function FlowEditor({
  section,
  flowHref,
  value,
  onChange,
  settings,
  things,
  further,
  numbers,
  checks,
  settingsLine,
}: Props) {
  const [history, dispatch] = useReducer(reduceHistory<FlowDocument>, value, startHistory);
  const document = history.present;
  const [chosen, select] = useState<NodeId>(START);
  const [adding, askWhat] = useState<NodeId | null>(null);
  const [removing, askRemove] = useState<NodeId | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [areProblemsShown, showProblems] = useState(false);
  const [checked, setChecked] = useState(checks);
  if (checks !== checked) {
    setChecked(checks);
    showProblems(true);
  }
  const [view, setView] = useState<'canvas' | 'outline'>('canvas');
  const [zoom, setZoom] = useState<number>(1);
  const [said, say] = useAnnouncement();
  const [width, measured] = useElementWidth();
  const root = useRef<HTMLDivElement>(null);
  const place = useCallback(
    (element: HTMLDivElement | null) => {
      root.current = element;
      measured(element);
    },
    [measured],
  );
  const latest = useRef({ document, onChange });
  useEffect(() => {
    const before = latest.current.document;
    latest.current = { document, onChange };
    if (document !== before) onChange(document);
  });

  const nodes = useMemo(() => outlineOf(document.steps), [document.steps]);
  // An undo may have taken it away.
  const selected = nodes.some(({ id }) => id === chosen) ? chosen : START;
  const names = useFlowNames(section.slug, things, document, settings);
  const words = useMemo(() => wordsOfNodes(nodes, document, names), [nodes, document, names]);
  const all = useMemo(() => [...problemsOf(document, settings), ...further], [document, settings, further]);
  const problems = useMemo(() => byNode(all), [all]);
  const hasGoal = settings.goal !== null;
  const counted = useMemo(
    () => new Map(numbers ? nodes.map((node) => [node.id, numbersOfNode(node, numbers, hasGoal)]) : []),
    [nodes, numbers, hasGoal],
  );
  const mustFix = all.filter(({ must }) => must).length;
  const isNarrow = width > 0 && width < WIDE;
  const isOutline = (width > 0 && width < CANVAS) || view === 'outline';

  const change = useCallback<EditorActions['change']>((to, what = null) => {
    dispatch({ type: 'change', change: to, what, at: Date.now() });
  }, []);
  const actions = useFlowActions({
    ...{
      section,
      flowHref,
      things,
      document,
      names,
      selected,
      root,
      isNarrow,
      change,
      select,
      setOpen,
      askWhat,
      askRemove,
      say,
    },
  });
  const onKeyDown = useCanvasKeys({ nodes, actions, isOutline });
  const shown = useMemo(
    () => ({ document, settings, names, nodes, problems, selected, adding, totals: numbers, numbers: counted }),
    [document, settings, names, nodes, problems, selected, adding, numbers, counted],
  );

  function undo(by: 'undo' | 'redo') {
    const { past, future } = history;
    if ((by === 'undo' ? past : future).length === 0) return say(by === 'undo' ? 'Nothing to undo' : 'Nothing to redo');
    dispatch({ type: by });
    say(by === 'undo' ? 'Undone' : 'Redone');
    const node = shownAfter(nodes, outlineOf((by === 'undo' ? past.at(-1)! : future[0]!).steps), selected);
    const { activeElement, body } = globalThis.document;
    const isOnCard = activeElement === body || activeElement?.hasAttribute('data-node-id') === true;
    if (isOnCard) actions.focusAfter(node);
    else select(node);
  }

  useUndoKeys(root, undo, isField);

  function zoomBy(by: -1 | 1) {
    const at = ZOOMS.findIndex((one) => one >= zoom);
    const next = ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, at + by))]!;
    setZoom(next);
    say(`${Math.round(next * 100)} %`);
  }

  const summary =
    mustFix > 0
      ? `${mustFix} to fix`
      : all.length > 0
        ? `${all.length} ${all.length === 1 ? 'tip' : 'tips'}`
        : 'Checked';

  return (
    <EditorContext value={actions}>
      <ShownContext value={shown}>
        <div ref={place} onKeyDown={onKeyDown} className="flex flex-col gap-3">
          <div className="flex flex-wrap items-center gap-1">
            <IconButton label="Undo (Ctrl+Z)" isDisabled={history.past.length === 0} onPress={() => undo('undo')}>
              <Undo2 aria-hidden className="size-4" />
            </IconButton>
            <IconButton
              label="Redo (Ctrl+Shift+Z)"
              isDisabled={history.future.length === 0}
              onPress={() => undo('redo')}
            >
              <Redo2 aria-hidden className="size-4" />
            </IconButton>
            <Button size="small" variant="quiet" onPress={() => showProblems(true)}>
              <ListChecks aria-hidden className="size-4" /> {summary}
            </Button>
            {settingsLine}
            <span className="flex-1" />
            {!isOutline && (
              <>
                <IconButton label="Smaller" isDisabled={zoom === ZOOMS[0]} onPress={() => zoomBy(-1)}>
                  <Minus aria-hidden className="size-4" />
                </IconButton>
                <span className="text-muted w-12 text-center text-[13px] tabular-nums">{Math.round(zoom * 100)} %</span>
                <IconButton label="Larger" isDisabled={zoom === ZOOMS.at(-1)} onPress={() => zoomBy(1)}>
                  <Plus aria-hidden className="size-4" />
                </IconButton>
              </>
            )}
            {width >= CANVAS && (
              <Button size="small" variant="quiet" onPress={() => setView(isOutline ? 'canvas' : 'outline')}>
                {isOutline ? <Workflow aria-hidden className="size-4" /> : <ListTree aria-hidden className="size-4" />}
                {isOutline ? 'Canvas' : 'Outline'}
              </Button>
            )}
          </div>
          <div
            className={clsx(
              !isNarrow && 'grid grid-cols-[minmax(0,1fr)_22rem] gap-4',
              // Of a flow that has been published, there are links to its pages above.
              !isNarrow && (numbers ? 'h-[max(28rem,calc(100dvh-15.75rem))]' : 'h-[max(28rem,calc(100dvh-13rem))]'),
            )}
          >
            {isOutline ? (
              <section aria-label="Outline" className={isNarrow ? '' : 'min-w-0 overflow-y-auto p-1'}>
                <OutlineView words={words} />
              </section>
            ) : (
              <Canvas words={words} zoom={zoom} onZoom={zoomBy} />
            )}
            {!isNarrow && (
              <aside aria-label="Fields" className={`${cardClass} flex min-w-0 flex-col gap-4 overflow-y-auto p-4`}>
                <PanelHead words={words} />
                <StepPanel />
              </aside>
            )}
          </div>
          {!isNarrow && (
            <p className="text-muted hidden text-[13px] md:block pointer-coarse:hidden">
              <Kbd>← ↑ ↓ →</Kbd> walk · <Kbd>Enter</Kbd> fields · <Kbd>+</Kbd> add below · <Kbd>Alt ↑ ↓</Kbd> move ·{' '}
              <Kbd>Ctrl C X V</Kbd> copy, cut, paste · <Kbd>Ctrl D</Kbd> double · <Kbd>Del</Kbd> remove ·{' '}
              <Kbd>Ctrl Z</Kbd> undo
            </p>
          )}
          <AddStep root={root} />
          <span role="status" className="sr-only">
            {said}
          </span>
          {isNarrow && isOpen && (
            <Dialog
              title={words.get(selected)!.sentence}
              isOpen
              onClose={() => {
                setOpen(false);
                actions.focusAfter(selected);
              }}
              unsaved={false}
              actions={
                <Button variant="primary" onPress={() => setOpen(false)}>
                  Done
                </Button>
              }
            >
              <StepPanel isInDialog />
            </Dialog>
          )}
          {removing !== null && <RemoveDialog node={removing} onClose={() => askRemove(null)} />}
          {areProblemsShown && (
            <Dialog title="Checks" isOpen onClose={() => showProblems(false)} unsaved={false}>
              <ProblemList
                problems={all.map(({ must, words: wrong }, at) => ({ blockId: String(at), must, words: wrong }))}
                onGo={(at) => {
                  showProblems(false);
                  actions.open(nodeOf(all[Number(at)]!));
                }}
              />
            </Dialog>
          )}
        </div>
      </ShownContext>
    </EditorContext>
  );
}

/** What an undo shows: what it has brought back, or what was chosen, or if that is gone what stands before it. */
function shownAfter(before: readonly OutlineNode[], after: readonly OutlineNode[], selected: NodeId): NodeId {
  const [known, left] = [new Set(before.map(({ id }) => id)), new Set(after.map(({ id }) => id))];
  const back = after.find(({ id }) => !known.has(id));
  if (back) return back.id;
  const at = before.findIndex(({ id }) => id === selected);
  return before.slice(0, at + 1).findLast(({ id }) => left.has(id))?.id ?? START;
}

/** Where a problem is solved. */
const nodeOf = ({ stepId }: FlowProblem): NodeId => stepId ?? START;

function byNode(problems: readonly FlowProblem[]): Map<NodeId, FlowProblem[]> {
  const found = new Map<NodeId, FlowProblem[]>();
  for (const problem of problems) {
    const node = nodeOf(problem);
    found.set(node, [...(found.get(node) ?? []), problem]);
  }
  return found;
}
