'use client';
// A link to a file. The server is asked first whether it will send it, so that a refusal is shown in the page and in our words.
import { LoaderCircle } from 'lucide-react';
import { useState, type MouseEvent, type ReactNode } from 'react';
import { buttonClass, type ButtonLook } from '@/components/ui/button-class';
import { getJson, NOT_RESPONDING, RefusedError } from '@/components/ui/json';
import { useToast } from '@/components/ui/toasts';

const NO_CONNECTION = 'There is no connection. Try again when it is back.';

type Props = ButtonLook & {
  /** The address of a `fileRoute`. */
  href: string;
  children: ReactNode;
  onStarted?: () => void;
  /** Without it, a problem is a toast. */
  onProblem?: (message: string) => void;
};

export function DownloadLink({ href, children, onStarted, onProblem, ...look }: Props) {
  const toast = useToast();
  const [checking, setChecking] = useState(false);
  const report = onProblem ?? ((message: string) => toast(message, { tone: 'danger' }));

  async function download(event: MouseEvent) {
    // With a key held down, the browser does what the person asked it for.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (checking) return;
    setChecking(true);
    try {
      await getJson(`${href}${href.includes('?') ? '&' : '?'}check`);
      fetchFile(href);
      onStarted?.();
    } catch (error) {
      report(navigator.onLine ? (error instanceof RefusedError ? error.message : NOT_RESPONDING) : NO_CONNECTION);
    } finally {
      setChecking(false);
    }
  }

  return (
    <a
      href={href}
      download
      aria-busy={checking}
      onClick={(event) => void download(event)}
      className={buttonClass(look)}
    >
      {checking && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </a>
  );
}

/** Lets the browser download a file, as it does for a link. */
function fetchFile(href: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = '';
  link.click();
}
