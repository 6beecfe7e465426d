'use client';
// Back on a page, the focus returns to the link or row by which it was left: by the browser's Back, or by a link with
// `data-returns-to`, which names the link.
import { usePathname, useSearchParams } from 'next/navigation';
import { useEffect } from 'react';
import { isFocusLost } from './focus-keeper';

/** How long the page may take to show the link, in milliseconds. */
const PATIENCE = 3_000;

/** By a page's address: the link that it was left by, and whether the focus was on the row around it. */
const leftBy = new Map<string, { href: string; row: boolean }>();
let returns = false;

const here = () => location.pathname + location.search;

/** Notes that the page is left from a row that has the focus, by its link. */
export function noteLeaving(href: string): void {
  returns = false;
  leftBy.set(here(), { href, row: true });
}

export function FocusReturn() {
  const [path, query] = [usePathname(), useSearchParams().toString()];
  useEffect(() => {
    const onClick = ({ target }: MouseEvent) => {
      const link = target instanceof Element ? target.closest('a') : null;
      const href = link?.getAttribute('href');
      if (!link || href == null || !link.closest('main')) {
        returns = false;
        return;
      }
      const { returnsTo } = link.dataset;
      returns = returnsTo !== undefined;
      if (returnsTo === undefined) leftBy.set(here(), { href, row: false });
      else leftBy.set(href, { href: returnsTo, row: true });
    };
    const onBack = () => {
      returns = true;
    };
    document.addEventListener('click', onClick, true);
    window.addEventListener('popstate', onBack);
    return () => {
      document.removeEventListener('click', onClick, true);
      window.removeEventListener('popstate', onBack);
    };
  }, []);
  useEffect(() => {
    const left = leftBy.get(here());
    if (!returns || !left) return;
    returns = false;
    if (!isFocusLost() || giveBack(left)) return;
    const observer = new MutationObserver(() => {
      if (!isFocusLost() || giveBack(left)) stop();
    });
    observer.observe(document.body, { childList: true, subtree: true });
    const timer = setTimeout(stop, PATIENCE);
    function stop() {
      observer.disconnect();
      clearTimeout(timer);
    }
    return stop;
  }, [path, query]);
  return null;
}

/** Whether the link is there and has got the focus, or its row. */
function giveBack({ href, row }: { href: string; row: boolean }): boolean {
  const link = document.querySelector<HTMLElement>(`main a[href="${CSS.escape(href)}"]`);
  if (!link) return false;
  const place = (row ? link.closest<HTMLElement>('tr[tabindex], [role="row"][tabindex]') : null) ?? link;
  place.focus();
  return document.activeElement === place;
}
