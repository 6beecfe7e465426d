// The connections of a section: whether they work, and what needs attention.
import { Plug } from 'lucide-react';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import type { ConnectionRow } from '@/lib/integrations/views';
import { TryMadeUp } from './try-made-up';
import { NextSync } from './next-sync';
import { connectionWords, number, RUN_WORDS, type SectionRef } from './words';

type Props = {
  section: SectionRef;
  connections: ConnectionRow[];
  /** Whether this is a demo installation, which has a CRM to try. */
  offersMadeUp: boolean;
};

export function ConnectionsView({ section, connections, offersMadeUp }: Props) {
  const here = `/${section.slug}/settings/integrations`;
  const connect = (
    <ButtonLink variant="primary" href={`${here}/new`}>
      <Plug aria-hidden className="size-4" /> Connect a CRM
    </ButtonLink>
  );
  return (
    <>
      <PageHeader title="Integrations" actions={connections.length > 0 && connect}>
        Lists in your CRM become tags here, and each sync makes the tags follow the lists.
      </PageHeader>
      {connections.length === 0 ? (
        <EmptyState
          title="No CRM connected yet"
          action={
            <div className="flex flex-wrap justify-center gap-2">
              {connect}
              {offersMadeUp && <TryMadeUp section={section} />}
            </div>
          }
        >
          Connect Lime CRM, webCRM, Microsoft Dynamics 365, Tribe CRM, efficy CRM, or another system. You then choose
          which of its lists become tags. Nothing changes until you have seen a dry run.
        </EmptyState>
      ) : (
        <div className={`${cardClass} overflow-hidden`}>
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Connection', 'Status', 'Lists', 'Last sync', 'Next sync']} />
            <ArrowRows className={stackedClass.body}>
              {connections.map((connection) => (
                <Row key={connection.id} here={here} connection={connection} />
              ))}
            </ArrowRows>
          </table>
        </div>
      )}
    </>
  );
}

function Row({ here, connection }: { here: string; connection: ConnectionRow }) {
  const { id, name, crm, madeUp, lists, last } = connection;
  const status = connectionWords(connection);
  const attention = attentionOf(connection);
  return (
    <tr className={stackedClass.row}>
      <td className={stackedClass.cell}>
        <Link href={`${here}/${id}`} className="text-accent-ink font-medium underline">
          {name}
        </Link>{' '}
        {madeUp && <Badge tone="info">Made-up</Badge>}
        <span className="text-muted block text-[13px]">{crm}</span>
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Status</CellLabel>
        <Badge tone={status.tone}>{status.label}</Badge>
        {connection.trouble && (
          <span className="text-muted text-[13px]">
            {' '}
            since <DateTime value={connection.trouble.since} exact />
          </span>
        )}
        {attention && <span className="text-warning block max-w-80 text-[13px]">{attention}</span>}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Lists</CellLabel>
        {number(lists.kept)}
        {lists.troubled > 0 && (
          <Link href={`${here}/${id}?lists=attention`} className="text-warning block text-[13px] underline">
            {number(lists.troubled)} {lists.troubled === 1 ? 'needs' : 'need'} a look
          </Link>
        )}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Last sync</CellLabel>
        {last ? (
          <Link href={`${here}/${id}/runs/${last.id}`} className="underline">
            {last.dry ? 'Dry run' : RUN_WORDS[last.status].label} · <DateTime value={last.createdAt} />
          </Link>
        ) : (
          <span className="text-muted">never</span>
        )}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Next sync</CellLabel>
        <NextSync connection={connection} />
      </td>
    </tr>
  );
}

/** What an Admin should look at, or null. */
function attentionOf({ attention, status, nextSyncAt, last, lists, trouble }: ConnectionRow): string | null {
  if (trouble !== null) return trouble.reason;
  if (attention !== null) return attention;
  if (last?.status === 'failed') {
    const error = last.error ?? 'The last sync failed.';
    return status === 'active' && nextSyncAt !== null ? `${error} The next sync tries again.` : error;
  }
  if (last?.status === 'planned') return 'A dry run is ready to look at.';
  return lists.kept === 0 ? 'Choose the lists that become tags.' : null;
}
