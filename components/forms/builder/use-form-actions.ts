'use client';
// What the parts of the builder can do, with the focus where somebody works on, and with what is said about it.
import { useEffect, useMemo, useRef, type RefObject } from 'react';
import type { FormDocument, Step } from '@/lib/forms/schema';
import type { BuilderActions } from './builder-context';
import {
  copyOf,
  findElement,
  insertElement,
  mergeStep,
  moveElement,
  placeOf,
  removeElement,
  renameElement,
  shiftElement,
  shiftStep,
  splitStep,
  updateElement,
} from './changes';
import { focusFields } from './element-card';
import { newElementId, wordsOf } from './new-elements';

type Given = Pick<
  BuilderActions,
  'slug' | 'attributes' | 'topics' | 'countries' | 'isAdmin' | 'published' | 'change'
> & {
  document: FormDocument;
  root: RefObject<HTMLElement | null>;
  open: (id: string | null) => void;
  say: (text: string) => void;
};

export function useFormActions({ document, root, open, say, ...given }: Given): BuilderActions {
  const { slug, attributes, topics, countries, isAdmin, published, change } = given;
  const latest = useRef(document);
  /** The element that gets the focus once it is there. */
  const next = useRef<{ id: string; fields?: boolean; onlyIfLost?: boolean } | null>(null);
  useEffect(() => {
    latest.current = document;
    const wanted = next.current;
    if (!wanted) return undefined;
    next.current = null;
    const timer = setTimeout(() => {
      if (wanted.onlyIfLost && window.document.activeElement !== window.document.body) return;
      const card = root.current?.querySelector<HTMLElement>(`[data-element-id="${wanted.id}"]`) ?? null;
      if (wanted.fields) focusFields(card);
      else card?.focus();
      card?.scrollIntoView({ block: 'nearest' });
    }, 30);
    return () => clearTimeout(timer);
  }, [document, root]);

  return useMemo(() => {
    const steps = () => latest.current.steps;
    const changeSteps = (to: (steps: readonly Step[]) => readonly Step[], what: string | null = null) =>
      change((now) => {
        const changed = to(now.steps);
        return changed === now.steps ? now : { ...now, steps: [...changed] };
      }, what);
    const named = (id: string) => {
      const element = findElement(steps(), id);
      return element ? wordsOf(element).name : 'Element';
    };
    const where = (of: readonly Step[], id: string) => {
      const place = placeOf(of, id);
      if (!place) return '';
      const inStep = of.length > 1 ? ` in step ${place.step + 1}` : '';
      return `${place.index + 1} of ${of[place.step]!.elements.length}${inStep}`;
    };
    return {
      slug,
      attributes,
      topics,
      countries,
      isAdmin,
      published,
      change,
      open,
      changeElement: (id, to, what = null) => changeSteps((now) => updateElement(now, id, to), what),
      rename: (id, code) => {
        change((now) => renameElement(now, id, code));
        next.current = { id: code, onlyIfLost: true };
        open(code);
        say('Code changed');
      },
      insert: (place, element) => {
        changeSteps((now) => insertElement(now, place, element));
        next.current = { id: element.id, fields: true };
        open(element.id);
        say(`${wordsOf(element).name} added`);
      },
      remove: (id) => {
        const place = placeOf(steps(), id);
        if (!place) return;
        say(`${named(id)} removed. Ctrl+Z brings it back.`);
        const others = steps()[place.step]!.elements.filter((element) => element.id !== id);
        const near = others[Math.min(place.index, others.length - 1)];
        changeSteps((now) => removeElement(now, id));
        open(null);
        if (near) next.current = { id: near.id, fields: false };
      },
      duplicate: (id) => {
        const [element, place] = [findElement(steps(), id), placeOf(steps(), id)];
        if (!element || !place) return;
        const copy = copyOf(element, newElementId());
        changeSteps((now) => insertElement(now, { ...place, index: place.index + 1 }, copy));
        next.current = { id: copy.id, fields: false };
        open(copy.id);
        say('Copied');
      },
      shift: (id, by) => {
        const moved = shiftElement(steps(), id, by);
        if (moved === steps()) return say(by < 0 ? 'It is the first already' : 'It is the last already');
        changeSteps((now) => shiftElement(now, id, by));
        next.current = { id, fields: false };
        say(`${named(id)}: now ${where(moved, id)}`);
      },
      move: (id, to) => {
        const moved = moveElement(steps(), id, to);
        changeSteps((now) => moveElement(now, id, to));
        if (moved !== steps()) say(`${named(id)}: now ${where(moved, id)}`);
      },
      addStep: (place) => {
        changeSteps((now) => splitStep(now, place, newElementId()));
        say('Step added');
      },
      changeStep: (id, to, what = null) =>
        changeSteps((now) => now.map((step) => (step.id === id ? to(step) : step)), what),
      shiftStep: (at, by) => {
        changeSteps((now) => shiftStep(now, at, by));
        say(`Now step ${at + by + 1} of ${steps().length}`);
      },
      mergeStep: (at) => {
        changeSteps((now) => mergeStep(now, at));
        say('Put together');
      },
    };
  }, [slug, attributes, topics, countries, isAdmin, published, change, open, say]);
}
