'use client';
// New credentials for a connection. The CRM is asked before the old ones are replaced.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import type { ConnectorForm } from '@/lib/integrations/forms';
import type { ConnectionView } from '@/lib/integrations/views';
import type { SignedIn } from '@/lib/integrations/connect';
import { Asking } from '../../asking';
import { SettingFields, splitValues, type SettingValues } from '../../setting-fields';
import { useAsking } from '../../use-asking';
import type { SectionRef } from '../../words';

type Props = { section: SectionRef; connection: ConnectionView; fields: ConnectorForm['fields']; crm: string };

export function CredentialsForm({ section, connection, fields, crm }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, stopped, stop, onSubmit } = useAsking<SignedIn & { note: string | null }>(
    `/data/${section.slug}/integrations/${connection.id}/credentials`,
  );
  const [values, setValues] = useState<SettingValues>({});
  const { secrets } = splitValues(fields, values);
  const formMessage = messageFor(
    refusal,
    null,
    fields.map(({ name }) => name),
  );
  return (
    <form
      id="credentials"
      onSubmit={onSubmit({ secrets }, ({ account, identifies, note }) => {
        setValues({});
        // Some CRMs do not say who their user is: then the account is an address.
        const who = identifies === 'user' ? `signed in as ${account}` : `reads ${account}`;
        const text = `The credentials have been replaced: ${who}`;
        toast(text, note === null ? {} : { detail: note });
        router.refresh();
      })}
      className={`${cardClass} flex flex-col gap-4 p-4`}
    >
      <div>
        <h2 className="font-semibold">New credentials</h2>
        <p className="text-muted text-[13px]">
          They are tested first. Lists, tags and earlier syncs stay. The present ones cannot be shown.
        </p>
      </div>
      <SettingFields
        fields={fields}
        values={values}
        refusal={refusal}
        onChange={(name, value) => setValues({ ...values, [name]: value })}
      />
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <Asking pending={pending} stopped={stopped} onStop={stop} crm={crm} values={connection.settings} />
        <Button type="submit" isPending={pending}>
          Test and replace
        </Button>
      </div>
    </form>
  );
}
