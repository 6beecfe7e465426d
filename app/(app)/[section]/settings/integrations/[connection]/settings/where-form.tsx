'use client';
// What a connection is called, and where it leads. The CRM is asked before changed settings are kept.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { Checkbox, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import type { ConnectorForm } from '@/lib/integrations/forms';
import type { ConnectionView } from '@/lib/integrations/views';
import { Asking } from '../../asking';
import { SettingFields, splitValues, type SettingValues } from '../../setting-fields';
import { useAsking } from '../../use-asking';
import type { SectionRef } from '../../words';

type Props = { section: SectionRef; connection: ConnectionView; fields: ConnectorForm['fields']; crm: string };

export function WhereForm({ section, connection, fields, crm }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, stopped, stop, onSubmit } = useAsking<{ tested: boolean; note: string | null }>(
    `/data/${section.slug}/integrations/${connection.id}/change`,
  );
  const [name, setName] = useState(connection.name);
  const [values, setValues] = useState<SettingValues>({});
  const [sameCrm, setSameCrm] = useState(false);
  useLeaveGuard(name !== connection.name || Object.keys(values).length > 0);
  const entered = { ...connection.settings, ...values };
  const { settings, secrets } = splitValues(fields, entered);
  const input = { name, settings, sameCrm, ...(sameCrm && { secrets }) };
  const fieldsOf = (secret: boolean) => ({
    fields: fields.filter(({ kind }) => (kind === 'secret') === secret),
    values: entered,
    refusal,
    onChange: (field: string, value: string) => setValues({ ...values, [field]: value }),
  });
  const question = messageFor(refusal, 'sameCrm');
  const formMessage = messageFor(refusal, null, ['name', 'sameCrm', ...fields.map((field) => field.name)]);
  return (
    <form
      onSubmit={onSubmit(input, ({ tested, note }) => {
        setValues({});
        setSameCrm(false);
        const text = tested ? 'Saved: the next sync begins with a dry run' : 'Saved';
        toast(text, note === null ? {} : { detail: note });
        router.refresh();
      })}
      className={`${cardClass} flex flex-col gap-4 p-4`}
    >
      <div>
        <h2 className="font-semibold">Connection</h2>
        <p className="text-muted text-[13px]">
          Changes are tested with the CRM before they are kept. After a change of anything but the name, nothing is
          synced until somebody has looked at a dry run of all lists.
        </p>
      </div>
      <TextField
        label="Name of the connection"
        value={name}
        onChange={setName}
        error={messageFor(refusal, 'name')}
        isRequired
      />
      <SettingFields {...fieldsOf(false)} />
      {(question !== undefined || sameCrm) && (
        <div className="flex flex-col gap-4">
          {question !== undefined && <Banner tone="warning">{question}</Banner>}
          <Checkbox isSelected={sameCrm} onChange={setSameCrm}>
            It is the same CRM at a new address
          </Checkbox>
          {sameCrm && <SettingFields {...fieldsOf(true)} />}
        </div>
      )}
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <Asking pending={pending} stopped={stopped} onStop={stop} crm={crm} values={entered} />
        <Button type="submit" isPending={pending}>
          Test and save
        </Button>
      </div>
    </form>
  );
}
