'use client';
// Without a connection nothing is navigated: the router would replace the page, and what was typed in it, by the browser's
// error page.
import { useRouter } from 'next/navigation';
import { useEffect, type ReactNode } from 'react';
import { RouterProvider } from 'react-aria-components';
import { useToast } from './toasts';

/** Runs what needs the server, or says that there is no connection. */
export function useWhenOnline(): (act: () => void) => void {
  const toast = useToast();
  return (act) => {
    if (navigator.onLine) act();
    else {
      const text = 'There is no connection, so the page stays as it is. Try again when it is back.';
      toast(text, { tone: 'danger', about: ['connection'] });
    }
  };
}

/** Opens a page of the product, if there is a connection. */
export function useOpen(): (href: string) => void {
  const router = useRouter();
  const whenOnline = useWhenOnline();
  return (href) => whenOnline(() => router.push(href));
}

/** Guards all links to pages of the product. */
export function Navigation({ children }: { children: ReactNode }) {
  const open = useOpen();
  const whenOnline = useWhenOnline();
  useEffect(() => {
    const guard = (event: MouseEvent) => {
      if (navigator.onLine || !leavesThePage(event)) return;
      event.preventDefault();
      event.stopPropagation();
      whenOnline(() => undefined);
    };
    document.addEventListener('click', guard, true);
    return () => document.removeEventListener('click', guard, true);
  });
  return <RouterProvider navigate={open}>{children}</RouterProvider>;
}

/** Whether a click is on a link that opens another page in this tab. */
function leavesThePage({ target, button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  const link = target instanceof Element ? target.closest('a') : null;
  if (!link || button !== 0 || ctrlKey || metaKey || shiftKey || altKey) return false;
  return (
    link.href !== '' && link.target !== '_blank' && !link.hasAttribute('download') && link.origin === location.origin
  );
}
