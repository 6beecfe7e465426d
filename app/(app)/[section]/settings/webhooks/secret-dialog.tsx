'use client';
// Shows a webhook's secret once.
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';

export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  useLeaveGuard(true);
  return (
    <Dialog
      title="Webhook secret"
      isOpen
      onClose={onClose}
      once
      actions={
        <Button variant="primary" onPress={onClose}>
          I have saved the secret
        </Button>
      }
    >
      <Banner tone="warning">
        It is not shown again. The receiver uses it to verify that a message comes from Tagwell.
      </Banner>
      <CopyField label="Secret" value={secret} />
      <p className="text-muted text-[13px]">
        Messages follow Standard Webhooks: any of its libraries checks <code>webhook-signature</code> with this secret.
      </p>
    </Dialog>
  );
}
