'use client';
// Connects a CRM: which one, where it is, and how to get in. The CRM is asked before anything is kept.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass, PageHeader } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import type { ConnectionId } from '@/lib/db/ids';
import type { ConnectorForm } from '@/lib/integrations/forms';
import { Asking } from '../asking';
import { SettingFields, splitValues, type SettingValues } from '../setting-fields';
import { TryMadeUp } from '../try-made-up';
import { useAsking } from '../use-asking';
import type { SectionRef } from '../words';

type Props = {
  section: SectionRef;
  connectors: ConnectorForm[];
  /** Whether this is a demo installation, whose CRM is not connected yet. */
  offersMadeUp: boolean;
};

export function ConnectForm({ section, connectors, offersMadeUp }: Props) {
  const router = useRouter();
  const { refusal, pending, stopped, stop, setRefusal, onSubmit } = useAsking<{ id: ConnectionId }>(
    `/data/${section.slug}/integrations/connect`,
    { leaves: true },
  );
  const [kind, setKind] = useState<string | null>(null);
  const [name, setName] = useState<string | null>(null);
  // By CRM, so that a look at another one loses nothing.
  const [entered, setEntered] = useState<Record<string, SettingValues>>({});
  const [connected, setConnected] = useState(false);
  useLeaveGuard(!connected && Object.keys(entered).length > 0);
  const here = `/${section.slug}/settings/integrations`;
  const connector = connectors.find((item) => item.kind === kind);
  const fields = connector?.fields ?? [];
  const values = (kind !== null && entered[kind]) || {};
  const shownName = name ?? (connector?.kind === 'generic' ? '' : (connector?.name ?? ''));
  const input = { kind, name: shownName, ...splitValues(fields, values) };
  const formMessage = messageFor(refusal, null, ['name', ...fields.map((field) => field.name)]);

  return (
    <>
      <PageHeader title="Connect a CRM">
        Tagwell reads contacts and lists, and never changes them in the CRM. The connection is tested before it is kept.
      </PageHeader>
      {offersMadeUp && (
        <div className={`${cardClass} mb-4 flex max-w-2xl flex-wrap items-center justify-between gap-3 p-4`}>
          <p className="min-w-0 flex-1 basis-64">
            No CRM at hand? This installation has a made-up one, with people of this section on its lists.
          </p>
          <TryMadeUp section={section} />
        </div>
      )}
      <form
        onSubmit={onSubmit(input, ({ id }) => {
          setConnected(true);
          router.push(`${here}/${id}/lists`);
        })}
        className={`${cardClass} flex max-w-2xl flex-col gap-5 p-4`}
      >
        <RadioGroup
          label="Which CRM?"
          value={kind}
          onChange={(next) => {
            setKind(next);
            setRefusal(null);
          }}
          options={connectors.map((item) => ({ value: item.kind, label: item.name, hint: item.listWords }))}
        />
        {connector && (
          <>
            <TextField
              label="Name of the connection"
              help="What it is called in Tagwell. If you connect several, say which one it is."
              value={shownName}
              onChange={setName}
              error={messageFor(refusal, 'name')}
              isRequired
            />
            <SettingFields
              key={connector.kind}
              fields={fields}
              values={values}
              refusal={refusal}
              onChange={(field, value) => setEntered({ ...entered, [connector.kind]: { ...values, [field]: value } })}
            />
          </>
        )}
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <div className="flex flex-wrap items-center justify-end gap-2">
          {connector && (
            <Asking pending={pending} stopped={stopped} onStop={stop} crm={connector.name} values={values} />
          )}
          <ButtonLink href={here}>Cancel</ButtonLink>
          <Button type="submit" variant="primary" isPending={pending} isDisabled={!connector}>
            Test and connect
          </Button>
        </div>
      </form>
    </>
  );
}
