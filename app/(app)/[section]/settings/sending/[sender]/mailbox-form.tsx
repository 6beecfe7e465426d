'use client';
// The mailbox that bounces come into. It is opened before anything is kept.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Banner } from '@/components/ui/display';
import { Checkbox, Select, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import type { MailboxState } from '@/lib/bounces/schema';
import { removeMailboxAction, saveMailboxAction } from '../actions';

const PORTS = { tls: '993', starttls: '143', none: '143' } as const;
type Encryption = keyof typeof PORTS;

/** What the form shows at first. */
function textsOf(state: MailboxState | null) {
  const encryption: Encryption = state?.encryption ?? 'tls';
  return {
    host: state?.host ?? '',
    port: String(state?.port ?? PORTS.tls),
    encryption,
    user: state?.user ?? '',
    password: '',
    folder: state?.folder ?? 'INBOX',
    remove: state?.remove ?? false,
  };
}
type Entered = ReturnType<typeof textsOf>;
const FIELDS = Object.keys(textsOf(null));

export function MailboxForm({ ids, state }: { ids: object; state: MailboxState | null }) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit, send } = useSubmission();
  const [changed, setChanged] = useState<Partial<Entered>>({});
  const [open, setOpen] = useState(false);
  const [asksToRemove, setAsksToRemove] = useState(false);
  useLeaveGuard(Object.keys(changed).length > 0);
  const entered = { ...textsOf(state), ...changed };
  const set = (part: Partial<Entered>) => setChanged({ ...changed, ...part });
  const field = (name: 'host' | 'port' | 'user' | 'password' | 'folder', label: string, help?: string) => ({
    label,
    help,
    value: entered[name],
    onChange: (value: string) => set({ [name]: value }),
    error: messageFor(refusal, name),
  });

  function choose(encryption: Encryption) {
    const isUsual = Object.values(PORTS).some((port) => port === entered.port);
    set({ encryption, ...(isUsual && { port: PORTS[encryption] }) });
  }

  const save = submit(saveMailboxAction, { ...ids, ...entered }, ({ waiting }) => {
    setChanged({});
    setOpen(false);
    toast(`Saved: the mailbox lets us in. It has ${waiting.toLocaleString('en-GB')} mails`);
    router.refresh();
  });

  async function remove() {
    const result = await send(removeMailboxAction, ids, Date.now());
    setAsksToRemove(false);
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    setChanged({});
    toast('The mailbox is no longer read');
    router.refresh();
  }

  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <details
      open={open || refusal !== null}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="border-line rounded-md border px-3 py-2"
    >
      <summary className="cursor-pointer font-medium">{state ? 'Change the mailbox' : 'Set a mailbox up'}</summary>
      <form onSubmit={save} className="flex flex-col gap-4 py-3">
        <TextField {...field('host', 'IMAP server', 'Such as imap.example.com')} autoComplete="off" isRequired />
        <div className="grid gap-4 sm:grid-cols-2">
          <Select
            label="Encryption"
            value={entered.encryption}
            onChange={choose}
            error={messageFor(refusal, 'encryption')}
            options={[
              { value: 'tls', label: 'TLS from the start', hint: 'Usually port 993' },
              { value: 'starttls', label: 'STARTTLS', hint: 'Usually port 143' },
              { value: 'none', label: 'None', hint: 'Only inside your own network' },
            ]}
          />
          <TextField {...field('port', 'Port')} inputMode="numeric" isRequired />
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField {...field('user', 'User name')} autoComplete="off" isRequired />
          <TextField
            {...field(
              'password',
              'Password',
              state?.needsPassword
                ? 'The former one is no longer known. Enter it again.'
                : state
                  ? 'Empty keeps the one that is stored.'
                  : 'Kept encrypted, never shown again.',
            )}
            type="password"
            autoComplete="new-password"
          />
        </div>
        <TextField {...field('folder', 'Folder', 'Usually INBOX')} autoComplete="off" />
        <Checkbox isSelected={entered.remove} onChange={(isOn) => set({ remove: isOn })}>
          Delete mails from it once they have been read. Those that say nothing that can be used stay.
        </Checkbox>
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <div className="flex flex-wrap items-center justify-end gap-2">
          {pending && (
            <p role="status" className="text-muted text-[13px]">
              Asking the mail server…
            </p>
          )}
          {state && <Button onPress={() => setAsksToRemove(true)}>Stop reading it</Button>}
          <Button type="submit" variant="primary" isPending={pending}>
            Test and save
          </Button>
        </div>
      </form>
      {asksToRemove && (
        <ConfirmDialog
          title="Stop reading this mailbox?"
          confirm="Stop reading it"
          refusal={null}
          pending={pending}
          onConfirm={() => void remove()}
          onClose={() => setAsksToRemove(false)}
        >
          Its password is forgotten. What came of its mails stays, and so do the mails. Bounces are not noticed until
          another mailbox is set up.
        </ConfirmDialog>
      )}
    </details>
  );
}
