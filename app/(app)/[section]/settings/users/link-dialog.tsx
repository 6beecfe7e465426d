'use client';
// A link to pass on. It is shown once: only its hash is kept.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';

export function LinkDialog({ link, who, onClose }: { link: string; who: string; onClose: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <Dialog
      title={`The link for ${who}`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={() => void navigator.clipboard.writeText(link).then(() => setCopied(true))}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
          <Button variant="primary" onPress={onClose}>
            Done
          </Button>
        </>
      }
    >
      <p>Send it to them yourself. It works once, for seven days, and is not shown again.</p>
      <TextField label="Link" value={link} isReadOnly />
    </Dialog>
  );
}
