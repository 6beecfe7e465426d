'use client';
// A value to pass on: read-only, with a copy button.
import { useId, useRef, useState } from 'react';
import { Button } from './button';
import { inputClass } from './field';

export function CopyField({ label, value }: { label: string; value: string }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);

  async function copy() {
    input.current?.select();
    // Without HTTPS browsers have no clipboard API, and they may deny it: the value is selected then, for Ctrl+C.
    if (!window.isSecureContext) return;
    await navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => undefined,
    );
  }

  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-[13px] font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          ref={input}
          readOnly
          value={value}
          onFocus={(event) => event.target.select()}
          className={`${inputClass} font-mono text-[13px]`}
        />
        <Button aria-label={`Copy ${label}`} onPress={() => void copy()}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      </div>
    </div>
  );
}
