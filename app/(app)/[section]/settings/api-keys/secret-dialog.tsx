'use client';
// Shows a secret once, with the first calls ready to copy.
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import type { CreatedKey } from './api-key-dialog';

type Props = { created: CreatedKey; section: string; origin: string; onClose: () => void };

export function SecretDialog({ created, section, origin, onClose }: Props) {
  useLeaveGuard(true);
  const token = `curl -s ${origin}/oauth/token -d grant_type=client_credentials -d client_id=${created.clientId} -d client_secret=${created.secret}`;
  const tags = `curl -s ${origin}/audience/sections/${section}/tags -H "Authorization: Bearer $TOKEN"`;
  return (
    <Dialog
      title={`The key for ${created.name}`}
      isOpen
      onClose={onClose}
      once
      wide
      actions={
        <Button variant="primary" onPress={onClose}>
          I have saved the secret
        </Button>
      }
    >
      <Banner tone="warning">The secret is only shown now: Tagwell stores nothing but its hash.</Banner>
      <CopyField label="Client ID" value={created.clientId} />
      <CopyField label="Client secret" value={created.secret} />
      <CopyField label="Get a token (put its access_token into TOKEN)" value={token} />
      <CopyField label="See the tags of this section" value={tags} />
      <p className="text-muted text-[13px]">
        All endpoints, with examples:{' '}
        <a className="text-accent-ink underline" href="/api-reference" target="_blank">
          API reference
        </a>
        .
      </p>
    </Dialog>
  );
}
