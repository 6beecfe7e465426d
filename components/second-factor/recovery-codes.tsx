'use client';
// Recovery codes, shown once: to copy, to save, or to write down.
import { Copy, Download } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { saveFile } from '@/components/ui/save-file';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';

export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  useLeaveGuard(true);
  const [copied, setCopied] = useState(false);
  const text = `${codes.join('\n')}\n`;

  async function copy() {
    await navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  }

  return (
    <>
      <Banner tone="warning">They are only shown now. Keep them where you find them without your phone.</Banner>
      <p>With one of them you sign in when you do not have your authenticator app. Each works once.</p>
      <ul
        aria-label="Recovery codes"
        className="bg-sunken border-line grid grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] gap-x-6 gap-y-1 rounded-md border p-3 font-mono text-[13px]"
      >
        {codes.map((code) => (
          <li key={code} className="whitespace-nowrap select-all">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        {/* Without HTTPS browsers have no clipboard. */}
        {globalThis.isSecureContext && (
          <Button onPress={() => void copy()}>
            <Copy aria-hidden className="size-4" /> {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
        <Button onPress={() => saveFile(new Blob([text], { type: 'text/plain' }), 'tagwell-recovery-codes.txt')}>
          <Download aria-hidden className="size-4" /> Save as a file
        </Button>
      </div>
    </>
  );
}
