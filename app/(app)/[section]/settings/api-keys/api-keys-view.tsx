'use client';
// API clients: what each may access, and whether it is in use.
import { KeyRound } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import type { ApiKeyView } from '@/lib/accounts/api-keys';
import type { KeyspaceId, SectionId } from '@/lib/db/ids';
import { ApiKeyDialog, type Choice, type CreatedKey } from './api-key-dialog';
import { RevokeDialog } from './revoke-dialog';
import { SecretDialog } from './secret-dialog';

type Props = {
  keys: ApiKeyView[];
  /** Discriminator of the current section, for the examples. */
  section: string;
  sections: Choice<SectionId>[];
  keyspaces: Choice<KeyspaceId>[];
  /** Whether the viewer may give a key access to all sections. */
  mayGiveAll: boolean;
  origin: string;
};
type Open = { kind: 'new' } | { kind: 'made'; made: CreatedKey } | { kind: 'revoke'; apiKey: ApiKeyView };

export function ApiKeysView({ keys, section, sections, keyspaces, mayGiveAll, origin }: Props) {
  const router = useRouter();
  const toast = useToast();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const add = (
    <Button variant="primary" onPress={() => setOpen({ kind: 'new' })}>
      <KeyRound aria-hidden className="size-4" /> New API key
    </Button>
  );
  return (
    <>
      <PageHeader
        title="API keys"
        actions={
          <>
            <ButtonLink href="/api-reference">API reference</ButtonLink>
            {keys.length > 0 && add}
          </>
        }
      >
        Create one for each system that calls the REST API.
      </PageHeader>
      {keys.length === 0 ? (
        <EmptyState title="No API keys yet" action={add}>
          A key lets another system, such as a web shop, read and write profiles and their tags.
        </EmptyState>
      ) : (
        <div className={`${cardClass} relative overflow-x-auto`}>
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Name', 'Access', 'Sections', 'Profile keys', 'Last used', 'Expires', '']} />
            <ArrowRows className={stackedClass.body}>
              {keys.map((key) => (
                <KeyRow key={key.id} apiKey={key} onRevoke={() => setOpen({ kind: 'revoke', apiKey: key })} />
              ))}
            </ArrowRows>
          </table>
        </div>
      )}
      {open?.kind === 'new' && (
        <ApiKeyDialog
          sections={sections}
          keyspaces={keyspaces}
          mayGiveAll={mayGiveAll}
          onClose={close}
          onCreated={(made) => {
            setOpen({ kind: 'made', made });
            router.refresh();
          }}
        />
      )}
      {open?.kind === 'made' && <SecretDialog created={open.made} section={section} origin={origin} onClose={close} />}
      {open?.kind === 'revoke' && (
        <RevokeDialog
          apiKey={open.apiKey}
          onClose={close}
          onRevoked={() => {
            close();
            toast(`“${open.apiKey.name}” has been revoked`);
            router.refresh();
          }}
        />
      )}
    </>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKeyView; onRevoke: () => void }) {
  const { name, clientId, canWrite, sections, keyspaces, createdBy, createdAt, lastUsedAt, expiresAt } = apiKey;
  const names = (list: string[] | null) => (list === null ? 'All' : list.join(', ') || 'None');
  const never = <span className="text-muted">never</span>;
  return (
    <tr className={stackedClass.row}>
      <td className={stackedClass.cell}>
        <span className="font-medium">{name}</span> {apiKey.revokedAt && <Badge tone="danger">Revoked</Badge>}
        {!apiKey.revokedAt && apiKey.ended && <Badge tone="warning">Expired</Badge>}
        <span className="text-muted block text-[13px]">
          <code className="select-all">{clientId}</code>
        </span>
        <span className="text-muted block text-[13px]">
          created <DateTime value={createdAt} />
          {createdBy && ` by ${createdBy}`}
        </span>
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Access</CellLabel>
        {canWrite ? 'Read and write' : 'Read only'}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Sections</CellLabel>
        {names(sections)}
        {apiKey.hasOtherSections && ', others'}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Profile keys</CellLabel>
        {names(keyspaces)}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Last used</CellLabel>
        {lastUsedAt ? <DateTime value={lastUsedAt} /> : never}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Ends</CellLabel>
        {expiresAt ? <DateTime value={expiresAt} exact /> : never}
      </td>
      <td className={`${stackedClass.cell} md:text-right`}>
        {apiKey.mayRevoke && (
          <Button size="small" aria-label={`Revoke ${name}`} onPress={onRevoke}>
            Revoke
          </Button>
        )}
      </td>
    </tr>
  );
}
