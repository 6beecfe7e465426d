'use client';
// The builder of a form: its elements edited in place, its settings, what is wrong with it, and a live preview. Everything is one
// history of undo.
import clsx from 'clsx';
import { Eye, ListChecks, Plus, Redo2, Undo2 } from 'lucide-react';
import { useCallback, useEffect, useImperativeHandle, useMemo, useReducer, useRef, useState, type Ref } from 'react';
import { useUndoKeys } from '@/components/ui/hotkeys';
import { ProblemList } from '@/components/messages/editor/problem-list';
import { useTagLabels } from '@/components/tags/use-tags';
import { Button, IconButton } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { cardClass, Kbd } from '@/components/ui/display';
import type { Option } from '@/components/ui/field';
import { reduceHistory, startHistory } from '@/components/ui/edit-history';
import { useAnnouncement } from '@/components/ui/use-announcement';
import type { Attribute } from '@/lib/attributes/schema';
import type { Topic } from '@/lib/consents/schema';
import type { ConfirmationRule } from '@/lib/forms/confirmation-rule';
import { referencesOf } from '@/lib/forms/references';
import { problemsOf, type Problem } from '@/lib/forms/problems';
import { elementsOf, type FormDocument } from '@/lib/forms/schema';
import type { Brand } from '@/lib/mail-document/schema';
import type { SenderChoice } from '@/lib/messages/queries';
import { BuilderContext, DocumentContext, useBuilder, useDocument, type BuilderActions } from './builder-context';
import { focusFields } from './element-card';
import { EmbedSettings } from './embed-settings';
import { FormPreview } from './form-preview';
import { LookSettings } from './look-settings';
import { OptInSettings } from './opt-in-settings';
import { PART_NAMES, PARTS, type Part } from './parts';
import { PeopleSettings } from './people-settings';
import { StepSection } from './step-section';
import { useFormActions } from './use-form-actions';

const STEPS_MAX = 10;

/** Shows another document, as one step of undo. */
export type ReplaceDocument = (document: FormDocument) => void;

type Props = {
  replace?: Ref<ReplaceDocument>;
  slug: string;
  /** What it begins with. To show another document, give it another `key`. */
  value: FormDocument;
  /** Called with each change, also by undo. */
  onChange: (document: FormDocument) => void;
  formName: string;
  sectionName: string;
  attributes: readonly Attribute[];
  topics: readonly Topic[];
  countries: readonly Option<string>[];
  senders: readonly SenderChoice[];
  rule: ConfirmationRule;
  brand: Brand;
  isAdmin: boolean;
  /** What people get; null: it was never published. */
  published: FormDocument | null;
  part: Part;
  onPart: (part: Part) => void;
};

export function FormBuilder(props: Props) {
  const {
    replace,
    slug,
    value,
    onChange,
    formName,
    sectionName,
    attributes,
    topics,
    countries,
    senders,
    rule,
    brand,
    isAdmin,
    published,
    part,
    onPart,
  } = props;
  const [history, dispatch] = useReducer(reduceHistory<FormDocument>, value, startHistory);
  const document = history.present;
  const [opened, open] = useState<string | null>(null);
  const [shows, setShows] = useState<'nothing' | 'problems' | 'preview'>('nothing');
  const [said, say] = useAnnouncement();
  const root = useRef<HTMLDivElement>(null);
  const latest = useRef({ document, onChange });
  useEffect(() => {
    const before = latest.current.document;
    latest.current = { document, onChange };
    if (document !== before) onChange(document);
  });
  const change = useCallback<BuilderActions['change']>((to, what = null) => {
    dispatch({ type: 'change', change: to, what, at: Date.now() });
  }, []);
  useImperativeHandle(replace, () => (next) => change(() => next), [change]);
  const asked = useMemo(() => new Set(published ? elementsOf(published).map(({ id }) => id) : []), [published]);
  const actions = useFormActions({
    ...{ slug, attributes, topics, countries, isAdmin, published: asked },
    ...{ change, document, root, open, say },
  });
  const shared = useMemo(() => ({ document, opened }), [document, opened]);
  const tagIds = useMemo(() => referencesOf(document).tagIds, [document]);
  const { labels, isComplete } = useTagLabels(slug, tagIds);
  const problems = useMemo(() => {
    const shown = isComplete
      ? { tagIds: new Set(labels.keys()), topicIds: new Set(topics.map(({ id }) => id)) }
      : undefined;
    return problemsOf(document, { attributes, senders, shown, rule });
  }, [document, attributes, senders, rule, topics, labels, isComplete]);
  const after = part === 'people' ? 'sent' : part === 'confirmation' ? 'confirmation' : null;
  const mustFix = problems.filter(({ must }) => must).length;

  function undo(by: 'undo' | 'redo') {
    dispatch({ type: by });
    say(by === 'undo' ? 'Undone' : 'Redone');
  }

  useUndoKeys(root, undo);

  function go({ elementId, part: place }: Problem) {
    setShows('nothing');
    onPart(place);
    if (elementId === null) return;
    open(elementId);
    setTimeout(() => {
      const card = root.current?.querySelector<HTMLElement>(`[data-element-id="${elementId}"]`) ?? null;
      card?.scrollIntoView({ block: 'center' });
      focusFields(card);
    }, 60);
  }

  const summary =
    mustFix > 0
      ? `${mustFix} to fix`
      : problems.length > 0
        ? `${problems.length} ${problems.length === 1 ? 'tip' : 'tips'}`
        : 'Checked';

  return (
    <BuilderContext value={actions}>
      <DocumentContext value={shared}>
        <div ref={root} className="@container">
          <div className="bg-ground sticky top-0 z-30 mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 py-1">
            <nav
              aria-label="Parts of the form"
              className="border-line flex min-w-0 gap-1 overflow-x-auto border-b max-sm:w-full sm:flex-1"
            >
              {PARTS.map((each) => (
                <button
                  key={each}
                  type="button"
                  onClick={() => onPart(each)}
                  {...(each === part && { 'aria-current': 'step' as const })}
                  className={clsx(
                    '-mb-px border-b-2 px-2 py-2 whitespace-nowrap focus-visible:-outline-offset-2 sm:px-3',
                    each === part ? 'border-accent font-medium' : 'text-muted hover:text-ink border-transparent',
                  )}
                >
                  {PART_NAMES[each]}
                </button>
              ))}
            </nav>
            <div className="flex items-center">
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
              <Button size="small" variant="quiet" onPress={() => setShows('problems')}>
                <ListChecks aria-hidden className="size-4" /> {summary}
              </Button>
              <span className="@min-[60rem]:hidden">
                <Button size="small" onPress={() => setShows('preview')}>
                  <Eye aria-hidden className="size-4" /> Preview
                </Button>
              </span>
            </div>
          </div>
          <div className="grid items-start gap-6 @min-[60rem]:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
            <div className="flex min-w-0 flex-col gap-4">
              {part === 'questions' && <Questions document={document} problems={problems} />}
              {part === 'people' && <PeopleSettings />}
              {part === 'confirmation' && <OptInSettings sectionName={sectionName} senders={senders} />}
              {part === 'look' && <LookSettings brand={brand} />}
              {part === 'embedding' && <EmbedSettings />}
            </div>
            <aside
              aria-label="Preview"
              className={`${cardClass} sticky top-14 hidden h-[calc(100dvh-5rem)] flex-col gap-3 p-3 @min-[60rem]:flex`}
            >
              <FormPreview document={document} brand={brand} name={formName} openedId={opened} after={after} />
            </aside>
          </div>
          <span role="status" className="sr-only">
            {said}
          </span>
          {shows === 'problems' && (
            <Dialog title="Checks" isOpen onClose={() => setShows('nothing')} unsaved={false}>
              <ProblemList
                problems={problems.map(({ must, words }, at) => ({ blockId: String(at), must, words }))}
                onGo={(at) => go(problems[Number(at)]!)}
              />
            </Dialog>
          )}
          {shows === 'preview' && (
            <Dialog title="Preview" isOpen onClose={() => setShows('nothing')} wide="most" unsaved={false}>
              <div className="flex h-[70dvh] flex-col gap-3">
                <FormPreview document={document} brand={brand} name={formName} openedId={opened} after={after} />
              </div>
            </Dialog>
          )}
        </div>
      </DocumentContext>
    </BuilderContext>
  );
}

function Questions({ document, problems }: { document: FormDocument; problems: readonly Problem[] }) {
  const { steps } = document;
  return (
    <>
      {steps.map((step, at) => (
        <StepSection key={step.id} step={step} at={at} problems={problems} />
      ))}
      {steps.length < STEPS_MAX && <AddStep />}
      <p className="text-muted hidden text-[13px] md:block pointer-coarse:hidden">
        <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd> edit · <Kbd>Alt ↑ ↓</Kbd> put elsewhere · <Kbd>Ctrl D</Kbd> copy ·{' '}
        <Kbd>Ctrl Enter</Kbd> add below · <Kbd>Del</Kbd> remove · <Kbd>Ctrl Z</Kbd> undo
      </p>
    </>
  );
}

/** Behind the last one, empty. */
function AddStep() {
  const { addStep } = useBuilder();
  const { document } = useDocument();
  const last = document.steps.length - 1;
  return (
    <div>
      <Button size="small" onPress={() => addStep({ step: last, index: document.steps[last]!.elements.length })}>
        <Plus aria-hidden className="size-4" /> Add a step
      </Button>
    </div>
  );
}
