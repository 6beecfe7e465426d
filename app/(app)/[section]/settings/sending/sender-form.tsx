'use client';
// A sender by SMTP: what people see, the mail server, and how much it takes. The server is asked before anything is kept.
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { Select, TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import { ratesInText } from '@/lib/sending/rates-in-text';
import type { SenderView } from '@/lib/sending/schema';
import { addSenderAction, changeSenderAction } from './actions';
import type { SectionRef } from './words';

const PORTS = { tls: '465', starttls: '587', none: '25' } as const;
type Encryption = keyof typeof PORTS;

const MORE = ['ehloName', 'connections', 'perSecond', 'perHour', 'perDay', 'warmUp', 'rates'] as const;

/** What the form shows at first, as text. */
function textsOf(sender: SenderView | null, name: string) {
  const server = sender?.server;
  const encryption: Encryption = server?.encryption ?? 'starttls';
  const text = (value: string | number | null | undefined) =>
    value === null || value === undefined ? '' : String(value);
  return {
    name: text(sender?.name ?? 'Newsletter'),
    fromAddress: text(sender?.fromAddress),
    fromName: text(sender?.fromName ?? name),
    replyTo: text(sender?.replyTo),
    host: text(server?.host),
    port: text(server?.port ?? PORTS.starttls),
    encryption,
    user: text(server?.user),
    password: '',
    ehloName: text(server?.ehloName),
    connections: text(server?.connections ?? 5),
    perSecond: text(server?.perSecond),
    perHour: text(server?.perHour),
    perDay: text(server?.perDay),
    warmUp: text(server?.warmUp?.first),
    rates: ratesInText(server?.rates ?? []),
  };
}
type Texts = ReturnType<typeof textsOf>;
const FIELDS = Object.keys(textsOf(null, ''));

type Props = { section: SectionRef; sender: SenderView | null; suggestedName: string };

export function SenderForm({ section, sender, suggestedName }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit } = useSubmission({ leaves: sender === null });
  const [changed, setChanged] = useState<Partial<Texts>>({});
  const [opened, setOpened] = useState(false);
  const [saved, setSaved] = useState(false);
  useLeaveGuard(!saved && Object.keys(changed).length > 0);
  const texts = { ...textsOf(sender, suggestedName), ...changed };
  const set = (part: Partial<Texts>) => {
    setSaved(false);
    setChanged({ ...changed, ...part });
  };
  const here = `/${section.slug}/settings/sending`;
  const field = (name: Exclude<keyof Texts, 'encryption'>, label: string, help?: ReactNode) => ({
    label,
    help,
    value: texts[name],
    onChange: (value: string) => set({ [name]: value }),
    error: messageFor(refusal, name),
  });

  function choose(encryption: Encryption) {
    const isUsual = Object.values(PORTS).some((port) => port === texts.port);
    set({ encryption, ...(isUsual && { port: PORTS[encryption] }) });
  }

  const save = sender
    ? submit(changeSenderAction, { sectionId: section.id, senderId: sender.id, ...texts }, ({ tested }) => {
        setChanged({});
        toast(tested ? 'Saved: the server lets us in' : 'Saved');
        router.refresh();
      })
    : submit(addSenderAction, { sectionId: section.id, ...texts }, ({ id }) => {
        setSaved(true);
        router.push(`${here}/${id}`);
      });

  const hasError = MORE.some((name) => messageFor(refusal, name) !== undefined);
  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <form onSubmit={save} className={`${cardClass} flex max-w-2xl flex-col gap-6 p-4`}>
      <Group title="What people see">
        <TextField {...field('fromName', 'From name')} isRequired />
        <TextField
          {...field('fromAddress', 'From address', 'Such as news@example.com. Its domain should be your own.')}
          type="email"
          isRequired
        />
        <TextField
          {...field('replyTo', 'Reply-to address (optional)', 'Where answers go, if not to the from address.')}
          type="email"
        />
      </Group>
      <Group title="Mail server">
        <TextField {...field('host', 'Host', 'Such as smtp.example.com')} autoComplete="off" isRequired />
        <div className="grid gap-4 sm:grid-cols-2">
          <Select
            label="Encryption"
            value={texts.encryption}
            onChange={choose}
            error={messageFor(refusal, 'encryption')}
            options={[
              { value: 'starttls', label: 'STARTTLS', hint: 'Usually port 587' },
              { value: 'tls', label: 'TLS from the start', hint: 'Usually port 465' },
              { value: 'none', label: 'None', hint: 'Only inside your own network' },
            ]}
          />
          <TextField {...field('port', 'Port')} inputMode="numeric" isRequired />
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField {...field('user', 'User name', 'Empty, if the server asks for none.')} autoComplete="off" />
          <TextField
            {...field(
              'password',
              'Password',
              sender?.needsPassword
                ? 'The former one is no longer known. Enter it again.'
                : sender?.hasPassword
                  ? 'Empty keeps the one that is stored.'
                  : 'Kept encrypted, never shown again.',
            )}
            type="password"
            autoComplete="new-password"
          />
        </div>
      </Group>
      <details
        open={opened || hasError}
        onToggle={(event) => setOpened(event.currentTarget.open)}
        className="border-line rounded-md border px-3 py-2"
      >
        <summary className="cursor-pointer font-medium">Name and limits</summary>
        <div className="flex flex-col gap-4 py-3">
          <TextField {...field('name', 'Name of the sender', 'What it is called in Tagwell.')} isRequired />
          <div className="grid gap-4 sm:grid-cols-3">
            <TextField
              {...field('perSecond', 'Mails a second', 'Empty: as fast as its server is known to take them')}
              inputMode="numeric"
            />
            <TextField {...field('perHour', 'Mails an hour', 'Empty: no limit')} inputMode="numeric" />
            <TextField {...field('perDay', 'Mails a day', 'Empty: no limit')} inputMode="numeric" />
          </div>
          <TextField
            {...field(
              'warmUp',
              'Warm-up: mails on the first day',
              'For a domain that has not sent before. Each day allows half as much again; days begin at midnight UTC. Empty: none.',
            )}
            inputMode="numeric"
          />
          <TextArea
            {...field(
              'rates',
              'Mails a minute to one mailbox provider',
              'One in each line, such as gmail.com: 100. All addresses of that provider count together, whichever process sends. Empty: as fast as their servers take them.',
            )}
            rows={3}
          />
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              {...field('connections', 'Connections at once', 'At most, in each process that sends.')}
              inputMode="numeric"
              isRequired
            />
            <TextField
              {...field('ehloName', 'Our name (EHLO)', 'Empty: the domain of the from address.')}
              autoComplete="off"
            />
          </div>
        </div>
      </details>
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {pending && (
          <p role="status" className="text-muted text-[13px]">
            Asking the mail server…
          </p>
        )}
        {!sender && <ButtonLink href={here}>Cancel</ButtonLink>}
        <Button type="submit" variant="primary" isPending={pending}>
          {sender ? 'Test and save' : 'Test and add'}
        </Button>
      </div>
    </form>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="mb-2 font-semibold">{title}</legend>
      {children}
    </fieldset>
  );
}
