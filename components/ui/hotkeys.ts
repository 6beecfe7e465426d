'use client';
// Keyboard shortcuts of a page, disabled while somebody types or a dialog is open.
import { useEffect, useRef, type RefObject } from 'react';

/** Whether somebody types there, or a dialog or a menu is open. */
export function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]')) return true;
  if (!(target instanceof HTMLElement)) return false;
  // Nobody types in a check box.
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

const always = () => true;

/**
 * `{ '/': focusSearch, n: openNew }`. Combinations with Ctrl, Alt or Meta are left to the browser. `applies`: asked at each key; by default
 * they always do.
 */
export function useHotkeys(keys: Record<string, () => void>, applies: () => boolean | undefined = always): void {
  const latest = useRef({ keys, applies });
  useEffect(() => {
    latest.current = { keys, applies };
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isBusy(event.target)) return;
      const act = latest.current.keys[event.key];
      if (!act || !latest.current.applies()) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** Saves at Ctrl+S or Cmd+S, also while somebody types. */
export function useSaveKeys(save: () => void): void {
  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

const none = () => false;

/**
 * Undoes at Ctrl+Z, and makes it again at Ctrl+Shift+Z or Ctrl+Y, where the focus is within `root`. Or nowhere, as for a moment after what had it was
 * removed. `leaves`: what has an undo of its own.
 */
export function useUndoKeys(
  root: RefObject<HTMLElement | null>,
  act: (by: 'undo' | 'redo') => void,
  leaves: (target: EventTarget | null) => boolean = none,
): void {
  const latest = useRef({ act, leaves });
  useEffect(() => {
    latest.current = { act, leaves };
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event;
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== 'z' && key !== 'y')) return;
      if (target !== document.body && !root.current?.contains(target as Node)) return;
      if (latest.current.leaves(target)) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current.act(key === 'y' || event.shiftKey ? 'redo' : 'undo');
    };
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, [root]);
}
