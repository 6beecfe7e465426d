'use client';
// Keeps the focus in the page. What had it may go: a button once it was pressed, a row, the page before. Then the browser
// gives the focus to the body, and the keyboard and screen readers begin at the top. Here the part of the page that it was in
// gets it, or else the heading. Pages that know a better place set it themselves, and come first.
import { useEffect } from 'react';

const PARTS = 'section, article, main, [role="dialog"], [role="alertdialog"]';
/** For pages that set it themselves. Milliseconds. */
const PATIENCE = 100;

export function FocusKeeper() {
  useEffect(() => {
    /** What had the focus last, then the parts of the page that it was in. */
    let lineage: HTMLElement[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isLost = () =>
      document.activeElement === document.body && lineage[0] !== undefined && !lineage[0].isConnected;
    const onFocusIn = ({ target }: FocusEvent) => {
      lineage = target instanceof HTMLElement ? [target, ...partsAround(target)] : [];
    };
    // A click beside everything takes the focus away, on purpose.
    const onFocusOut = ({ target }: FocusEvent) =>
      queueMicrotask(() => {
        const left = target instanceof Node && target.isConnected && document.activeElement === document.body;
        if (left && document.hasFocus()) lineage = [];
      });
    const observer = new MutationObserver(() => {
      if (!isLost()) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (isLost()) giveTo(lineage.find((part) => part.isConnected) ?? null);
      }, PATIENCE);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    document.addEventListener('focusin', onFocusIn);
    document.addEventListener('focusout', onFocusOut);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      document.removeEventListener('focusin', onFocusIn);
      document.removeEventListener('focusout', onFocusOut);
    };
  }, []);
  return null;
}

/** Whether nothing that can be used has the focus, so that a page may set it. */
export const isFocusLost = (): boolean =>
  document.activeElement === document.body || document.activeElement?.hasAttribute('data-holds-focus') === true;

function partsAround(element: HTMLElement): HTMLElement[] {
  const part = element.parentElement?.closest<HTMLElement>(PARTS);
  return part ? [part, ...partsAround(part)] : [];
}

/** `part`: null or the whole page: its heading gets the focus. */
function giveTo(part: HTMLElement | null): void {
  const place = part && part.localName !== 'main' ? part : document.querySelector<HTMLElement>('main h1');
  if (!place) return;
  if (!place.hasAttribute('tabindex')) {
    place.tabIndex = -1;
    place.dataset.holdsFocus = '';
    // Nothing can be done in it, so it needs no ring.
    place.style.outline = 'none';
  }
  place.focus({ preventScroll: true });
}
