'use client';
// Revoking cannot be undone: the dialog says so, and when the key was last used.
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useSubmission } from '@/components/ui/use-submission';
import type { ApiKeyView } from '@/lib/accounts/api-keys';
import { revokeApiKeyAction } from './actions';

type Props = { apiKey: ApiKeyView; onClose: () => void; onRevoked: () => void };

export function RevokeDialog({ apiKey, onClose, onRevoked }: Props) {
  const { refusal, pending, send } = useSubmission();

  async function revoke() {
    const result = await send(revokeApiKeyAction, { apiKeyId: apiKey.id });
    if (result.ok) onRevoked();
  }

  return (
    <Dialog
      title={`Revoke “${apiKey.name}”?`}
      isOpen
      onClose={onClose}
      alert
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" isPending={pending} onPress={() => void revoke()}>
            Revoke for good
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <p>Every call with this key will be refused. A revoked key cannot be restored; you can create a new one.</p>
      <p>
        {apiKey.lastUsedAt ? (
          <>
            It was last used <DateTime value={apiKey.lastUsedAt} />.
          </>
        ) : (
          'It has never been used.'
        )}
      </p>
    </Dialog>
  );
}
