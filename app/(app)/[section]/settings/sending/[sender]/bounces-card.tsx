'use client';
// What comes back of a sender's mails: where to, the mailbox that is read, and what its provider reports.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import { Select, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import type { BouncesView } from '@/lib/bounces/schema';
import type { Returns, SenderView } from '@/lib/sending/schema';
import { setReturnAddressAction } from '../actions';
import type { SectionRef } from '../words';
import { BounceReports } from './bounce-reports';
import { MailboxForm } from './mailbox-form';
import { MailboxStateView } from './mailbox-state';

type Props = { section: SectionRef; sender: SenderView; bounces: BouncesView };

export function BouncesCard({ section, sender, bounces }: Props) {
  const ids = { sectionId: section.id, senderId: sender.id };
  return (
    <section aria-labelledby="bounces" className={`${cardClass} flex max-w-2xl flex-col gap-4 p-4`}>
      <div>
        <h2 id="bounces" className="font-semibold">
          Bounces and complaints
        </h2>
        <p className="text-muted text-[13px]">
          Mails that cannot be delivered come back, often hours later. An address that does not exist, or whose person
          called a mail spam, is suppressed at once; a full or silent one after five mails in a row over two weeks.
          Refusals because of a mail’s content or sender never count against the person.
        </p>
      </div>
      <ReturnAddress key={JSON.stringify(sender.returns)} ids={ids} sender={sender} />
      <div className="border-line flex flex-col gap-3 border-t pt-3">
        <h3 className="font-medium">The mailbox that is read</h3>
        {bounces.mailbox ? (
          <MailboxStateView ids={ids} state={bounces.mailbox} returns={sender.returns} />
        ) : (
          <p className="text-muted text-[13px]">
            None yet, so what comes back as a mail is not noticed. Refusals that a mail server makes at once are.
          </p>
        )}
        <MailboxForm key={JSON.stringify(bounces.mailbox?.user ?? '')} ids={ids} state={bounces.mailbox} />
      </div>
      <BounceReports ids={ids} bounces={bounces} />
    </section>
  );
}

const FORMS: { value: Returns['form']; label: string; hint: string }[] = [
  { value: 'plus', label: 'name+token@', hint: 'Most mailboxes take it' },
  { value: 'minus', label: 'name-token@', hint: 'Some servers, such as qmail’s' },
  { value: 'domain', label: 'token@', hint: 'A domain whose mails all come into one mailbox' },
  { value: 'plain', label: 'As it is', hint: 'Then only what a report quotes says whose mail it was' },
];

const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

function ReturnAddress({ ids, sender }: { ids: object; sender: SenderView }) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit } = useSubmission();
  const [address, setAddress] = useState(sender.returns?.address ?? '');
  const [form, setForm] = useState(sender.returns?.form ?? 'plus');
  const isChanged = address !== (sender.returns?.address ?? '') || form !== (sender.returns?.form ?? 'plus');
  useLeaveGuard(isChanged && !pending);
  const own = domainOf(sender.fromAddress);
  const isOther = address.includes('@') && domainOf(address) !== own && !domainOf(address).endsWith(`.${own}`);
  const save = submit(setReturnAddressAction, { ...ids, address, form }, () => {
    toast(address === '' ? 'Mails come back to the from address' : 'Saved: mails go out under it from now on');
    router.refresh();
  });
  return (
    <form onSubmit={save} className="border-line flex flex-col gap-3 border-t pt-3">
      <h3 className="font-medium">Return address</h3>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Address"
          type="email"
          value={address}
          onChange={setAddress}
          error={messageFor(refusal, 'address')}
          help="Such as bounces@example.com. Empty: the from address. People do not see it."
        />
        <Select
          label="With the recipient"
          value={form}
          onChange={setForm}
          options={FORMS}
          error={messageFor(refusal, 'form')}
        />
      </div>
      {isOther && (
        <p className="text-muted text-[13px]">
          It is of another domain than {own}: mailboxes then look for SPF there, and DMARC rests on the DKIM signature
          alone. An address of {own}, or below it, is better.
        </p>
      )}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p className="text-muted min-w-0 flex-1 basis-56 text-[13px]">
          Each mail has a token of its own in it, signed, so that nobody can make up a bounce.
        </p>
        <Button type="submit" isPending={pending} isDisabled={!isChanged}>
          Save the address
        </Button>
      </div>
    </form>
  );
}
