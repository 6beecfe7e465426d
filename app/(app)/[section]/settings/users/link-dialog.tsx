'use client';
// A link to pass on. Shown once, since only its hash is stored.
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { Dialog } from '@/components/ui/dialog';

export function LinkDialog({ link, who, onClose }: { link: string; who: string; onClose: () => void }) {
  return (
    <Dialog
      title={`The link for ${who}`}
      isOpen
      onClose={onClose}
      once
      actions={
        <Button variant="primary" onPress={onClose}>
          Done
        </Button>
      }
    >
      <p>
        Send it to them yourself. It works once, expires after seven days and is not shown again. It expires earlier if
        their role or password changes, or if you lose the right to create it.
      </p>
      <CopyField label="Link" value={link} />
    </Dialog>
  );
}
