'use client';
// Rules that somebody edits: names, changes of their tree, what gets the focus, and what is said to screen readers.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { isFocusLost } from '@/components/shell/focus-keeper';
import { useTagLabels } from '@/components/tags/use-tags';
import { useAnnouncement } from '@/components/ui/use-announcement';
import type { TagId } from '@/lib/db/ids';
import type { Rules } from '@/lib/segments/schema';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import type { Builder, FocusTarget } from './builder-context';
import { missingReference } from './condition-row';
import { completePart, type DraftGroup, type DraftNode } from './draft';
import {
  duplicateNode,
  findNode,
  insertNode,
  moveNode,
  positionOf,
  positionTowards,
  removeNode,
  replaceNode,
  unwrapGroup,
  wrapNode,
  type Direction,
  type Position,
} from './draft-tree';
import { useChosenFields } from './use-chosen-fields';

const MOVED_WORDS: Record<Direction, string> = {
  up: 'Moved up',
  down: 'Moved down',
  out: 'Moved out of the group',
  in: 'Moved into the group',
};
/** `lost`: only if nothing has the focus any more. */
type Focus = { on: FocusTarget; key: string; lost?: boolean };

type Input = {
  slug: string;
  vocabulary: Vocabulary;
  timeZone: string;
  root: DraftGroup;
  /** Saving was attempted: incomplete fields are shown as errors. */
  strict: boolean;
  /** Stays the same function while somebody edits. */
  changeTree: Builder['change'];
};

/**
 * `over`: where the dragged node would be dropped. `complete`: the complete part of the rules, if there is one; `incomplete`: how many
 * conditions and empty groups are not in it. `lost`: something in them is hidden or deleted.
 */
export function useRulesBuilder({ slug, vocabulary: given, timeZone, root, strict, changeTree }: Input) {
  const [announcement, announce] = useAnnouncement();
  const [focus, setFocus] = useState<Focus | null>(null);
  const [over, setOver] = useState<Position | null>(null);
  const dragged = useRef<string | null>(null);
  const dropPosition = useRef<Position | null>(null);
  const latest = useRef(root);
  useEffect(() => {
    latest.current = root;
  });

  const endDrag = useCallback(() => {
    [dragged.current, dropPosition.current] = [null, null];
    setOver(null);
  }, []);

  const vocabulary = useChosenFields(slug, given, root);
  const { labels } = useTagLabels(slug, tagsIn(root));
  const known = useMemo(() => {
    const byId = new Map(vocabulary.tags.map(({ id, name, lost }) => [id, { name, lost }]));
    for (const [id, { name }] of labels) byId.set(id, { name, lost: undefined });
    return byId;
  }, [vocabulary.tags, labels]);

  const builder = useMemo<Builder>(
    () => ({
      slug,
      vocabulary,
      timeZone,
      tag: (id) => known.get(id),
      strict,
      change: changeTree,
      replace: (node, what) => changeTree((now) => replaceNode(now, node), what),
      add: (node: DraftNode, to: Position) => {
        changeTree((now) => insertNode(now, node, to));
        announce('Added');
        setFocus({ key: node.key, on: node.kind === 'group' ? 'add' : 'field' });
      },
      remove: (key) => {
        const here = positionOf(latest.current, key);
        const next = here?.group.items[here.index + 1] ?? here?.group.items[here.index - 1];
        changeTree((now) => removeNode(now, key));
        announce('Removed. Press Ctrl+Z to undo.');
        setFocus(next ? { key: next.key, on: 'handle' } : { key: here?.group.key ?? '', on: 'add' });
      },
      move: (key, way) => {
        const to = positionTowards(latest.current, key, way);
        if (!to) return announce('It cannot move further that way.');
        changeTree((now) => moveNode(now, key, to));
        announce(MOVED_WORDS[way]);
        setFocus({ key, on: 'handle' });
      },
      copy: (key) => {
        changeTree((now) => duplicateNode(now, key));
        announce('Copied. The copy comes right after it');
      },
      wrap: (key) => {
        changeTree((now) => wrapNode(now, key));
        announce('Wrapped in a group');
        setFocus({ key, on: 'handle' });
      },
      unwrap: (key) => {
        const group = findNode(latest.current, key);
        const first = group?.kind === 'group' ? group.items[0] : undefined;
        const outer = positionOf(latest.current, key)?.group;
        changeTree((now) => unwrapGroup(now, key));
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
          if (key !== null && to !== null) changeTree((now) => moveNode(now, key, to));
          endDrag();
        },
        end: endDrag,
      },
    }),
    [slug, vocabulary, timeZone, known, strict, changeTree, endDrag, announce],
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

  const { node, incomplete } = useMemo(() => completePart(root), [root]);
  const complete: Rules | null = node?.kind === 'group' ? { timeZone, root: node } : null;
  const lost = useMemo(() => hasLost(root, builder), [root, builder]);
  return {
    builder,
    over,
    complete,
    incomplete,
    lost,
    announcement,
    announce,
    /** After an undo, which may have removed what had the focus. */
    catchFocus: () => setFocus({ key: root.key, on: 'add', lost: true }),
  };
}

const tagsIn = (node: DraftNode): TagId[] =>
  node.kind === 'group' ? node.items.flatMap(tagsIn) : node.kind === 'tag' ? [node.tagId] : [];

function hasLost(node: DraftNode, builder: Builder): boolean {
  return node.kind === 'group'
    ? node.items.some((item) => hasLost(item, builder))
    : missingReference(node, builder) !== undefined;
}
