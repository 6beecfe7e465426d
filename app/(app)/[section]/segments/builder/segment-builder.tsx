'use client';
// The builder: rules on the left, matching profiles on the right. Every change can be incomplete; a reload loses nothing.
import { Redo2, Undo2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTagLabels } from '@/components/tags/use-tags';
import { Button, ButtonLink, IconButton } from '@/components/ui/button';
import { Banner, cardClass, PageHeader } from '@/components/ui/display';
import { TextArea, TextField } from '@/components/ui/field';
import { useSectionZone } from '@/components/ui/use-zone';
import { ZoneField } from '@/components/ui/zone-field';
import type { SectionId, TagId, UserId } from '@/lib/db/ids';
import type { Rules } from '@/lib/segments/schema';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import { BuilderContext, DropContext, type Builder, type FocusTarget } from './builder-context';
import { completePart, draftRoot, type Draft, type DraftGroup, type DraftNode } from './draft';
import {
  duplicateNode,
  findNode,
  insertNode,
  moveNode,
  removeNode,
  replaceNode,
  positionOf,
  positionTowards,
  unwrapGroup,
  wrapNode,
  type Position,
  type Direction,
} from './draft-tree';
import { GroupEditor } from './group-editor';
import { missingReference } from './condition-row';
import { MatchCard, SampleCard } from './match-cards';
import { Notices } from './notices';
import { useChosenFields } from './use-chosen-fields';
import { useDraft } from './use-draft';
import { isFocusLost } from '@/components/shell/focus-keeper';
import { useAnnouncement } from '@/components/ui/use-announcement';
import { useSaving, type SavedSegment } from './use-saving';

export type BuilderProps = {
  section: { id: SectionId; slug: string };
  userId: UserId;
  vocabulary: Vocabulary;
  saved: SavedSegment | null;
  /** The initial rules of a new segment; without a time zone, the section's is used. */
  rules: InitialRules | null;
  /** What rules could not express, in words. */
  leftOut?: readonly string[];
  /** What a new one may be called. */
  proposedName?: string;
};

export type InitialRules = Pick<Rules, 'root'> & Partial<Rules>;

const MOVED_WORDS: Record<Direction, string> = {
  up: 'Moved up',
  down: 'Moved down',
  out: 'Moved out of the group',
  in: 'Moved into the group',
};
/** `lost`: only if nothing has the focus any more. */
type Focus = { on: FocusTarget; key: string; lost?: boolean };

export function SegmentBuilder({
  section,
  userId,
  vocabulary: given,
  saved,
  rules: first,
  leftOut = [],
  proposedName = '',
}: BuilderProps) {
  const { slug } = section;
  const which = saved?.id ?? (first ? `new:${JSON.stringify(first)}` : 'new');
  const place = `tagwell:segment:${userId}:${section.id}:${which}`;
  const zone = useSectionZone();
  const initialDraft = useMemo(
    () => initialDraftOf(saved, first, zone, proposedName),
    [saved, first, zone, proposedName],
  );
  const drafting = useDraft(place, initialDraft);
  const { draft, dispatch, dirty, canUndo, canRedo } = drafting;
  const [strict, setStrict] = useState(false);
  const [announcement, announce] = useAnnouncement();
  const [focus, setFocus] = useState<Focus | null>(null);
  const [over, setOver] = useState<Position | null>(null);
  const dragged = useRef<string | null>(null);
  const dropPosition = useRef<Position | null>(null);
  const latest = useRef(draft);
  useEffect(() => {
    latest.current = draft;
  });

  const change = useCallback(
    (next: (draft: Draft) => Draft, what: string | null = null) =>
      dispatch({ type: 'change', change: next, what, at: Date.now() }),
    [dispatch],
  );
  const changeTree = useCallback(
    (next: (root: DraftGroup) => DraftGroup, what?: string) =>
      change((now) => {
        const root = next(now.root);
        return root === now.root ? now : { ...now, root };
      }, what),
    [change],
  );

  const endDrag = useCallback(() => {
    [dragged.current, dropPosition.current] = [null, null];
    setOver(null);
  }, []);

  const vocabulary = useChosenFields(slug, given, draft.root);
  const { labels } = useTagLabels(slug, tagsIn(draft.root));
  const known = useMemo(() => {
    const byId = new Map(vocabulary.tags.map(({ id, name, lost }) => [id, { name, lost }]));
    for (const [id, { name }] of labels) byId.set(id, { name, lost: undefined });
    return byId;
  }, [vocabulary.tags, labels]);

  const builder = useMemo<Builder>(
    () => ({
      slug,
      vocabulary,
      timeZone: draft.timeZone,
      tag: (id) => known.get(id),
      strict,
      change: changeTree,
      replace: (node, what) => changeTree((root) => replaceNode(root, node), what),
      add: (node: DraftNode, to: Position) => {
        changeTree((root) => insertNode(root, node, to));
        announce('Added');
        setFocus({ key: node.key, on: node.kind === 'group' ? 'add' : 'field' });
      },
      remove: (key) => {
        const here = positionOf(latest.current.root, key);
        const next = here?.group.items[here.index + 1] ?? here?.group.items[here.index - 1];
        changeTree((root) => removeNode(root, key));
        announce('Removed. Press Ctrl+Z to undo.');
        setFocus(next ? { key: next.key, on: 'handle' } : { key: here?.group.key ?? '', on: 'add' });
      },
      move: (key, way) => {
        const to = positionTowards(latest.current.root, key, way);
        if (!to) return announce('It cannot move further that way.');
        changeTree((root) => moveNode(root, key, to));
        announce(MOVED_WORDS[way]);
        setFocus({ key, on: 'handle' });
      },
      copy: (key) => {
        changeTree((root) => duplicateNode(root, key));
        announce('Copied. The copy comes right after it');
      },
      wrap: (key) => {
        changeTree((root) => wrapNode(root, key));
        announce('Wrapped in a group');
        setFocus({ key, on: 'handle' });
      },
      unwrap: (key) => {
        const group = findNode(latest.current.root, key);
        const first = group?.kind === 'group' ? group.items[0] : undefined;
        const outer = positionOf(latest.current.root, key)?.group;
        changeTree((root) => unwrapGroup(root, key));
        announce('Ungrouped');
        setFocus(first ? { key: first.key, on: 'handle' } : { key: outer?.key ?? '', on: 'add' });
      },
      focus: (on, key) => setFocus({ on, key }),
      drag: {
        start: (key) => (dragged.current = key),
        over: (to) => {
          if (dragged.current === null) return;
          dropPosition.current = to;
          setOver((before) => (before?.groupKey === to?.groupKey && before?.index === to?.index ? before : to));
        },
        drop: () => {
          const [key, to] = [dragged.current, dropPosition.current];
          if (key !== null && to !== null) changeTree((root) => moveNode(root, key, to));
          endDrag();
        },
        end: endDrag,
      },
    }),
    [slug, vocabulary, draft.timeZone, known, strict, changeTree, endDrag, announce],
  );

  useEffect(() => {
    if (!focus) return;
    const { key, on, lost } = focus;
    if (lost && !isFocusLost()) return setFocus(null);
    const part = document.querySelector(`[data-part="${key}"]`);
    const target =
      on === 'handle'
        ? document.querySelector<HTMLElement>(`[data-handle="${key}"]`)
        : on === 'add'
          ? document.querySelector<HTMLElement>(`[data-add="${key}"]`)
          : (part?.querySelector<HTMLElement>('input') ?? part?.querySelector<HTMLElement>('select'));
    target?.focus();
    setFocus(null);
  }, [focus]);

  const { node, incomplete } = useMemo(() => completePart(draft.root), [draft.root]);
  const complete: Rules | null = node?.kind === 'group' ? { timeZone: draft.timeZone, root: node } : null;
  const lost = useMemo(() => hasLost(draft.root, builder), [draft.root, builder]);

  function step(type: 'undo' | 'redo') {
    dispatch({ type });
    announce(type === 'undo' ? 'Undone' : 'Redone');
    setFocus({ key: draft.root.key, on: 'add', lost: true });
  }

  const saving = useSaving({
    section,
    saved,
    draft,
    complete: incomplete === 0 ? complete : null,
    onSaved: drafting.forget,
  });
  /** How often a save was refused because something is incomplete: then the first marked field gets the focus. */
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    if (refusals > 0) document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus();
  }, [refusals]);
  const save = (how?: 'as new') => {
    setStrict(true);
    if (incomplete > 0) setRefusals(refusals + 1);
    void saving.save(how);
  };

  function onKeyDown(event: KeyboardEvent) {
    // Input in a picker is incomplete there, not the rules behind it.
    if (!event.currentTarget.contains(event.target as Node)) return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 's') {
      event.preventDefault();
      if (!saving.pending && (saved === null || dirty)) save();
      return;
    }
    const redo = key === 'y' || (key === 'z' && event.shiftKey);
    if (!redo && key !== 'z') return;
    event.preventDefault();
    step(redo ? 'redo' : 'undo');
  }

  const outdated = saved !== null && dirty && draft.base !== saved.changedAt;
  return (
    <BuilderContext value={builder}>
      <DropContext value={over}>
        <div onKeyDown={onKeyDown} className="pb-24">
          <PageHeader
            title={saved ? `Edit “${saved.name}”` : 'New segment'}
            actions={
              <>
                <IconButton label="Undo (Ctrl+Z)" isDisabled={!canUndo} onPress={() => step('undo')}>
                  <Undo2 aria-hidden className="size-4" />
                </IconButton>
                <IconButton label="Redo (Ctrl+Y)" isDisabled={!canRedo} onPress={() => step('redo')}>
                  <Redo2 aria-hidden className="size-4" />
                </IconButton>
                <ButtonLink href={saved ? `/${slug}/segments/${saved.id}` : `/${slug}/segments`}>Close</ButtonLink>
                <Button
                  variant="primary"
                  isPending={saving.pending}
                  isDisabled={saved !== null && !dirty}
                  onPress={() => save()}
                >
                  {saved ? 'Save' : 'Save segment'}
                </Button>
              </>
            }
          />
          <div className="flex flex-col gap-3 pb-3 empty:hidden">
            <Notices
              restored={drafting.restored && dirty}
              outdated={outdated}
              editedElsewhere={drafting.editedElsewhere}
              leftOut={drafting.restored ? [] : leftOut}
              onStartOver={() => {
                change(() => initialDraft);
                announce('Started over. Press Ctrl+Z to get your changes back.');
              }}
            />
            {strict && incomplete > 0 && (
              <Banner tone="danger">
                {incomplete === 1 ? 'One condition or group is' : `${incomplete} conditions or groups are`} incomplete.
                Complete or remove what is marked, then save.
              </Banner>
            )}
            {saving.message && <Banner tone="danger">{saving.message}</Banner>}
            {(outdated || saving.conflict) && (
              <span>
                <Button isPending={saving.pending} onPress={() => save('as new')}>
                  Save as a new segment
                </Button>
              </span>
            )}
          </div>
          <div className="grid grid-cols-1 gap-4 xl:grid-cols-[minmax(0,1fr)_22rem] xl:grid-rows-[auto_1fr]">
            {/* On a small screen it stays visible above the rules. */}
            <div className="sticky top-2 z-10 xl:top-4 xl:col-start-2 xl:row-start-1">
              <MatchCard rules={complete} incomplete={incomplete} lost={lost} />
            </div>
            <div className="flex min-w-0 flex-col gap-4 xl:col-start-1 xl:row-span-2 xl:row-start-1">
              <div className={`${cardClass} flex flex-col gap-3 p-4`}>
                <TextField
                  label="Name"
                  value={draft.name}
                  onChange={(name) => change((now) => ({ ...now, name }), 'name')}
                  error={saving.nameError}
                  placeholder="Inactive VIPs in Sweden"
                  autoFocus={saved === null}
                />
              </div>
              <section className={`${cardClass} p-4`} aria-label="Rules">
                <GroupEditor group={draft.root} isRoot />
              </section>
              <details className={`${cardClass} p-4`}>
                <summary className="cursor-pointer font-medium">Description and time zone</summary>
                <div className="mt-3 flex flex-col gap-3">
                  <TextArea
                    label="Description"
                    value={draft.description}
                    onChange={(description) => change((now) => ({ ...now, description }), 'description')}
                    help="What it is for, and who to ask."
                  />
                  <ZoneField
                    label="Days begin and end in"
                    value={draft.timeZone}
                    onChange={(timeZone) => change((now) => ({ ...now, timeZone }))}
                  />
                </div>
              </details>
            </div>
            <div className="xl:col-start-2 xl:row-start-2">
              <SampleCard rules={complete} lost={lost} />
            </div>
          </div>
          <p aria-live="polite" className="sr-only">
            {announcement}
          </p>
        </div>
      </DropContext>
    </BuilderContext>
  );
}

function initialDraftOf(
  saved: SavedSegment | null,
  first: InitialRules | null,
  zone: string,
  proposedName: string,
): Draft {
  const rules = saved?.rules ?? first;
  return {
    base: saved?.changedAt ?? null,
    name: saved?.name ?? proposedName,
    description: saved?.description ?? '',
    timeZone: rules?.timeZone ?? zone,
    root: rules ? draftRoot(rules) : { key: 'root', kind: 'group', match: 'all', items: [] },
  };
}

const tagsIn = (node: DraftNode): TagId[] =>
  node.kind === 'group' ? node.items.flatMap(tagsIn) : node.kind === 'tag' ? [node.tagId] : [];

function hasLost(node: DraftNode, builder: Builder): boolean {
  return node.kind === 'group'
    ? node.items.some((item) => hasLost(item, builder))
    : missingReference(node, builder) !== undefined;
}
