'use client';
// Revoking is for good: it says so, and when the key was last used.
import { useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import type { ApiKeyView } from '@/lib/accounts/api-keys';
import { revokeApiKeyAction } from './actions';

type Props = { apiKey: ApiKeyView; onClose: () => void; onRevoked: () => void };

export function RevokeDialog({ apiKey, onClose, onRevoked }: Props) {
  const [message, setMessage] = useState<string | null>(null);
  const [pending, setPending] = useState(false);

  async function revoke() {
    setPending(true);
    const result = await answerOf(revokeApiKeyAction({ apiKeyId: apiKey.id }));
    setPending(false);
    if (!result.ok) return setMessage(result.refusal.message);
    onRevoked();
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
      {message && <Banner tone="danger">{message}</Banner>}
      <p>Every call with this key is refused from now on. It cannot be made to work again; a new key can be made.</p>
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
