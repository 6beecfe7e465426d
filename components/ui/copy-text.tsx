'use client';
// Lines to pass on, such as an example of a call: read-only, with a copy button.
import { useId, useRef, useState } from 'react';
import { Button } from './button';

export function CopyText({ label, text }: { label: string; text: string }) {
  const id = useId();
  const shown = useRef<HTMLPreElement>(null);
  const [copied, setCopied] = useState(false);

  async function copy() {
    // Without HTTPS browsers have no clipboard API, and they may deny it: the text is selected then, for Ctrl+C.
    if (shown.current) window.getSelection()?.selectAllChildren(shown.current);
    if (!window.isSecureContext) return;
    await navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  }

  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <p id={id} className="text-[13px] font-medium">
          {label}
        </p>
        <Button size="small" aria-label={`Copy ${label}`} onPress={() => void copy()}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <pre
        ref={shown}
        aria-labelledby={id}
        tabIndex={0}
        className="bg-sunken border-line rounded-md wrap-anywhere whitespace-pre-wrap border p-3 font-mono text-[13px]"
      >
        {text}
      </pre>
    </div>
  );
}
