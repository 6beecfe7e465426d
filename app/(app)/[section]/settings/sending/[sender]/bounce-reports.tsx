'use client';
// What a provider reports by itself: in our own form, with a secret, or Amazon SES through a topic of SNS.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { DateTime } from '@/components/ui/date-time';
import { Badge, Banner } from '@/components/ui/display';
import { Dialog } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import type { BouncesView } from '@/lib/bounces/schema';
import { makeHookSecretAction, setTopicAction } from '../actions';

type Props = { ids: object; bounces: BouncesView };

export function BounceReports({ ids, bounces }: Props) {
  const { hook, ses, calledAt, callProblem } = bounces;
  return (
    <div className="border-line flex flex-col gap-3 border-t pt-3">
      <h3 className="font-medium">Reports of your mail provider</h3>
      {hook.address === null || ses.address === null ? (
        <p className="text-muted text-[13px]">
          Nobody outside can reach this installation, so no provider can report to it. The person who runs Tagwell sets
          an address with TAGWELL_URL.
        </p>
      ) : (
        <>
          <p className="text-muted text-[13px]">
            Instead of a mailbox, or beside it: what both say counts once.{' '}
            {calledAt && (
              <>
                The last call came <DateTime value={calledAt} />.
              </>
            )}
          </p>
          {callProblem !== null && <Banner tone="danger">The last call could not be understood. {callProblem}</Banner>}
          <Amazon key={ses.topicArn} ids={ids} address={ses.address} ses={ses} />
          <Own ids={ids} address={hook.address} hasSecret={hook.hasSecret} />
        </>
      )}
    </div>
  );
}

function Amazon({ ids, address, ses }: { ids: object; address: string; ses: BouncesView['ses'] }) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit } = useSubmission();
  const [topicArn, setTopicArn] = useState(ses.topicArn ?? '');
  const isChanged = topicArn.trim() !== (ses.topicArn ?? '');
  useLeaveGuard(isChanged && !pending);
  const save = submit(setTopicAction, { ...ids, topicArn }, () => {
    toast(topicArn.trim() === '' ? 'No topic is believed any more' : 'Saved: now subscribe the address to the topic');
    router.refresh();
  });
  return (
    <details open={ses.topicArn !== null} className="border-line rounded-md border px-3 py-2">
      <summary className="cursor-pointer font-medium">
        Amazon SES{' '}
        {ses.confirmedAt ? (
          <Badge tone="success">Subscribed</Badge>
        ) : (
          ses.topicArn !== null && <Badge tone="warning">Not subscribed yet</Badge>
        )}
      </summary>
      <form onSubmit={save} className="flex flex-col gap-3 py-3">
        <TextField
          label="ARN of the SNS topic"
          value={topicArn}
          onChange={setTopicArn}
          error={messageFor(refusal, 'topicArn')}
          help="The topic that SES publishes bounces and complaints of this sender to. Only this one is believed."
          autoComplete="off"
        />
        <div className="flex justify-end">
          <Button type="submit" isPending={pending} isDisabled={!isChanged}>
            Save the topic
          </Button>
        </div>
        {ses.topicArn !== null && (
          <>
            <CopyField label="Address to subscribe, by HTTPS" value={address} />
            <p className="text-muted text-[13px]">
              The subscription confirms itself. Leave raw message delivery off. In SES, choose the topic for bounces and
              complaints, with the original headers.
            </p>
          </>
        )}
      </form>
    </details>
  );
}

function Own({ ids, address, hasSecret }: { ids: object; address: string; hasSecret: boolean }) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const [secret, setSecret] = useState<string | null>(null);

  async function make() {
    const result = await send(makeHookSecretAction, ids, Date.now());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    setSecret(result.value.secret);
  }

  return (
    <details open={hasSecret} className="border-line rounded-md border px-3 py-2">
      <summary className="cursor-pointer font-medium">Any other, by a signed call</summary>
      <div className="flex flex-col gap-3 py-3">
        <p className="text-muted text-[13px]">
          A provider, or a small program between it and Tagwell, posts JSON here, signed as Standard Webhooks has it:{' '}
          <code className="wrap-anywhere">{'{"events":[{"type":"bounce","class":"hard","address":"…"}]}'}</code>. The
          fields are in docs/operations.md.
        </p>
        {hasSecret && <CopyField label="Address" value={address} />}
        <div className="flex justify-end">
          <Button isPending={pending} onPress={() => void make()}>
            {hasSecret ? 'Make a new secret' : 'Make a secret'}
          </Button>
        </div>
      </div>
      {secret !== null && (
        <SecretDialog
          secret={secret}
          onClose={() => {
            setSecret(null);
            router.refresh();
          }}
        />
      )}
    </details>
  );
}

function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  useLeaveGuard(true);
  return (
    <Dialog
      title="Secret for calls about bounces"
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
        It is not shown again. The one before goes on being accepted until the next is made.
      </Banner>
      <CopyField label="Secret" value={secret} />
    </Dialog>
  );
}
