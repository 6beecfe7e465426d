'use client';
// A link to pass on. Shown once, since only its hash is stored.
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { Dialog } from '@/components/ui/dialog';

type Props = { link: string; who: string; /** It is also sent by mail. */ mailed: boolean; onClose: () => void };

export function LinkDialog({ link, who, mailed, onClose }: Props) {
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
        {mailed
          ? 'It is on its way to them by mail; below, Open invitations and Open password links say whether it got there. You can also pass it on yourself.'
          : 'Send it to them yourself.'}{' '}
        It works once, expires after seven days and is not shown again. It expires earlier if their role or password
        changes, or if you lose the right to create it.
      </p>
      <CopyField label="Link" value={link} />
    </Dialog>
  );
}
