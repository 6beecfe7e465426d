'use client';
// Whether the CRM announces changes, so that they do not wait for the schedule.
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { DateTime } from '@/components/ui/date-time';
import { Banner, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { HookView, HookWay } from '@/lib/integrations/hook';
import type { ConnectionView } from '@/lib/integrations/views';
import { switchHookOffAction, switchHookOnAction } from '../../actions';
import type { SectionRef } from '../../words';

type Props = { section: SectionRef; connection: ConnectionView; hook: HookView };

const WORDS: Record<HookWay, string> = { crm: 'Switch on', hand: 'Set up by hand' };

export function Announcements({ section, connection, hook }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send } = useSubmission();
  const { on, ways, crm } = hook;
  const place = { sectionId: section.id, connectionId: connection.id };

  async function change(action: SubmitAction<{ note: string | null }>, input: object, done: string) {
    const result = await send(action, { ...place, ...input });
    if (result.ok) toast(done, result.value.note === null ? {} : { detail: result.value.note });
    router.refresh();
  }
  const switchOn = (way: HookWay) =>
    void change(
      switchHookOnAction,
      { way },
      way === 'crm' ? 'The CRM announces changes from now on' : 'The address is ready',
    );

  return (
    <section aria-labelledby="announcements" className={`${cardClass} flex flex-col gap-4 p-4`}>
      <div>
        <h2 id="announcements" className="font-semibold">
          Announced changes
        </h2>
        <p className="text-muted text-[13px]">
          The CRM can tell Tagwell that something has changed. Then the next sync starts within minutes instead of by
          the schedule, at the hours at which syncs may start. It reads the lists as always: an announcement itself
          changes nothing.
        </p>
      </div>
      {hook.isLocal && (
        <Banner tone="warning">
          {`This installation is at ${hook.origin}, which a CRM on the internet cannot reach. Open Tagwell under its public address, or let its operator set TAGWELL_URL.`}
        </Banner>
      )}
      <p role="status">
        <State hook={hook} everyMinutes={connection.options.everyMinutes} />
      </p>
      {on?.formerOrigin && (
        <Banner tone="warning">
          {`The CRM calls ${on.formerOrigin}, but this installation is at ${hook.origin} now. Make a new address, so that announcements arrive.`}
        </Banner>
      )}
      {on?.byHand && (
        <div className="flex flex-col gap-3">
          <p>{on.byHand.words}</p>
          <CopyField label="Address" value={on.byHand.address} />
          {on.byHand.key !== null && <CopyField label="Key" value={on.byHand.key} />}
          <p className="text-muted text-[13px]">
            Anyone who knows {on.byHand.key === null ? 'the address' : 'the key'} can start syncs. New credentials make
            a new one.
          </p>
        </div>
      )}
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {pending && <p className="text-muted text-[13px]">{`Asking ${crm}…`}</p>}
        {on === null ? (
          ways.map((way) => (
            <Button key={way} isPending={pending} onPress={() => switchOn(way)}>
              {WORDS[way]}
            </Button>
          ))
        ) : (
          <>
            <Button isPending={pending} onPress={() => switchOn(on.way)}>
              {on.way === 'crm' ? 'Register again' : 'Make a new address'}
            </Button>
            <Button
              isPending={pending}
              onPress={() => void change(switchHookOffAction, {}, 'Announcements are switched off')}
            >
              Switch off
            </Button>
          </>
        )}
      </div>
    </section>
  );
}

function State({ hook: { on, crm }, everyMinutes }: { hook: HookView; everyMinutes: number | null }) {
  if (on === null) return 'Off: changes are found by the schedule.';
  if (on.isUnfinished) return `${crm} has not confirmed the registration. Register it again.`;
  const by = on.way === 'crm' ? 'On: registered by Tagwell.' : 'On, as soon as it is set up in the CRM.';
  const starts = everyMinutes === null ? ' It starts no syncs, as they are started by hand only (Schedule).' : '';
  return (
    <>
      {`${by} `}
      {on.heardAt === null ? (
        'Nothing has been announced yet.'
      ) : (
        <>
          Last announcement: <DateTime value={on.heardAt} />.
        </>
      )}
      {starts}
    </>
  );
}
