'use client';
// The domain of a sender: what its DNS says, the records to add, and the key that signs its mails.
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { SenderView } from '@/lib/sending/schema';
import { beginSigningAction, checkDomainAction, makeKeyAction, setSigningAction } from '../actions';
import { STATES, type SectionRef } from '../words';

export function DomainCard({ section, sender }: { section: SectionRef; sender: SenderView }) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const { check, dkim, nextDkim } = sender;
  const domain = sender.fromAddress.slice(sender.fromAddress.lastIndexOf('@') + 1);
  const ids = { sectionId: section.id, senderId: sender.id };

  async function act<Value>(action: SubmitAction<Value>, input: object, done?: string) {
    const result = await send(action, { ...ids, ...input }, Date.now());
    if (!result.ok) toast(result.refusal.message, { tone: 'danger' });
    else if (done) toast(done);
    router.refresh();
  }

  return (
    <section className={`${cardClass} flex max-w-2xl flex-col gap-4 p-4`}>
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="font-semibold">The domain {domain}</h2>
          <p className="text-muted text-[13px]">
            Mailboxes believe a mail if the domain’s DNS says that we may send it. Records are added where the domain is
            managed, and may take an hour to be seen.{' '}
            {check && (
              <>
                Last looked up <DateTime value={new Date(check.at)} />.
              </>
            )}
          </p>
        </div>
        <Button isPending={pending} onPress={() => void act(checkDomainAction, {})}>
          {check ? 'Look again' : 'Look it up'}
        </Button>
      </div>
      {check?.findings.map(({ what, state, words, record }) => (
        <div key={what} className="border-line flex flex-col gap-2 border-t pt-3">
          <p>
            <span className="font-medium">{what}</span> <Badge tone={STATES[state].tone}>{STATES[state].label}</Badge>{' '}
            <span className="block">{words}</span>
          </p>
          {/* The record of a key that waits is below, beside the key. */}
          {record && !(what === 'DKIM' && nextDkim) && <Record record={record} />}
        </div>
      ))}
      <div className="border-line flex flex-col gap-2 border-t pt-3">
        <h3 className="font-medium">Signatures by Tagwell (DKIM)</h3>
        <p className="text-muted text-[13px]">
          {dkim
            ? `Mails are signed with the key “${dkim.selector}”.`
            : 'Most mail providers sign mails themselves. If yours does not, Tagwell can: make a key, add its record, then turn signing on.'}
        </p>
        {nextDkim && (
          <>
            <p>{dkim ? 'A new key waits for its record:' : 'The key waits for its record:'}</p>
            <Record record={nextDkim.record} />
          </>
        )}
        <div className="flex flex-wrap gap-2">
          {nextDkim ? (
            <Button
              isPending={pending}
              onPress={() => void act(beginSigningAction, {}, 'Mails are signed from now on')}
            >
              {dkim ? 'Sign with the new key' : 'Turn signing on'}
            </Button>
          ) : (
            <Button isPending={pending} onPress={() => void act(makeKeyAction, {})}>
              {dkim ? 'Make a new key' : 'Make a key'}
            </Button>
          )}
          {dkim && (
            <Button
              isPending={pending}
              onPress={() => void act(setSigningAction, { signs: false }, 'Mails are no longer signed')}
            >
              Turn signing off
            </Button>
          )}
        </div>
      </div>
    </section>
  );
}

function Record({ record }: { record: { name: string; value: string } }) {
  return (
    <div className="bg-sunken flex flex-col gap-2 rounded-md p-3">
      <p className="text-muted text-[13px]">TXT record</p>
      <CopyField label="Name" value={record.name} />
      <CopyField label="Value" value={record.value} />
    </div>
  );
}
