import { Link } from '@/components/ui/link';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { toneOf } from '@/components/operations/tone';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { FilterForm, FilterSelect, FilterText } from '@/components/ui/filter-form';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { LISTED_KINDS, type ListedOperation } from '@/lib/activity/queries';
import { mayAct } from '@/lib/access/policy';
import { readOperations } from '@/lib/activity/reads';
import { readTroubles } from '@/lib/integrations/reads';
import type { Trouble } from '@/lib/integrations/schema';
import type { OperationStatus } from '@/lib/work/schema';
import { activityQuery } from './filter';

export const metadata = { title: 'Activity' };

const PAGE = 50;

const STATUS_WORDS: Record<OperationStatus, string> = {
  queued: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Stopped',
  cancelled: 'Cancelled',
};

type Props = { params: Promise<{ section: string }>; searchParams: Promise<Record<string, string | undefined>> };

export default async function ActivityPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const filter = activityQuery(await searchParams);
  const { text, kind, userId } = filter;
  const { operations: found, people } = await valueForPage(
    readOperations(actor, { sectionId: section.id, ...filter, limit: PAGE + 1 }),
  );
  const troubles = mayAct(actor, 'admins') ? await valueForPage(readTroubles(actor, { sectionId: section.id })) : [];
  const operations = found.slice(0, PAGE);
  const isFiltered = text !== undefined || kind !== undefined || userId !== undefined;
  const older = new URLSearchParams({
    ...(text && { q: text }),
    ...(kind && { kind }),
    ...(userId && { user: String(userId) }),
    before: String(operations.at(-1)?.id),
  });
  return (
    <>
      <PageHeader title="Activity">
        Bulk changes, imports, merges of tags and undos: who made them, when, and to how many profiles. Open one to see
        its profiles or undo it. Changes to one person, and a merge of two, are in the person’s timeline: search in{' '}
        <Link href={`/${section.slug}/profiles`} className="underline">
          Profiles
        </Link>
        .{' '}
        {actor.role !== 'user' && (
          <>
            Changes to one profile, settings and rights are also in the{' '}
            <Link href={`/${section.slug}/settings/audit-log`} className="underline">
              audit log
            </Link>
            .
          </>
        )}
      </PageHeader>
      {troubles.length > 0 && <Troubles slug={section.slug} troubles={troubles} />}
      {(operations.length > 0 || isFiltered) && (
        <FilterForm>
          <FilterText label="Text" name="q" value={text} />
          <FilterSelect
            label="What"
            name="kind"
            value={kind}
            all="Everything"
            options={LISTED_KINDS.map((listed) => ({ value: listed.kind, label: listed.name }))}
          />
          <FilterSelect
            label="Who"
            name="user"
            value={userId}
            all="Everyone"
            options={people.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </FilterForm>
      )}
      <div className={`${cardClass} relative overflow-x-auto`}>
        {operations.length === 0 && isFiltered ? (
          <EmptyState title="Nothing matches">
            Remove a filter to see more. Changes to one person are not listed here, but in the person’s timeline.
          </EmptyState>
        ) : operations.length === 0 ? (
          <EmptyState title="No activity yet">Bulk changes, imports, merges of tags and undos appear here.</EmptyState>
        ) : (
          <table className={stackedClass.table}>
            <TableHead stacked titles={['What', 'Result', 'Who', 'When']} />
            <ArrowRows className={stackedClass.body}>
              {operations.map((operation) => (
                <OperationLine key={operation.id} slug={section.slug} operation={operation} />
              ))}
            </ArrowRows>
          </table>
        )}
      </div>
      {found.length > PAGE && (
        <div className="mt-3 flex justify-end">
          <ButtonLink size="small" href={`/${section.slug}/activity?${older}`}>
            Older
          </ButtonLink>
        </div>
      )}
    </>
  );
}

/** Connections that need an Admin, as long as they do. */
function Troubles({ slug, troubles }: { slug: string; troubles: Trouble[] }) {
  return (
    <ul aria-label="Connections that need attention" className={`${cardClass} divide-line mb-4 divide-y`}>
      {troubles.map(({ connectionId, runId, kind, name, reason, since }) => (
        <li key={connectionId} className="flex flex-wrap items-baseline gap-x-2 gap-y-1 px-3 py-2">
          <Badge tone={kind === 'held' || kind === 'untagged' || kind === 'gone' ? 'warning' : 'danger'}>
            {kind === 'held' ? 'Waits for an answer' : kind === 'failing' ? 'Failing' : 'Needs attention'}
          </Badge>
          <Link
            href={`/${slug}/settings/integrations/${connectionId}${runId === null ? '' : `/runs/${runId}`}`}
            className="font-medium underline"
          >
            {name}
          </Link>
          <span className="text-muted text-[13px]">
            since <DateTime value={since} />
          </span>
          <span className="basis-full text-[13px]">{reason}</span>
        </li>
      ))}
    </ul>
  );
}

function OperationLine({ slug, operation }: { slug: string; operation: ListedOperation }) {
  return (
    <tr className={stackedClass.row}>
      <td className={stackedClass.cell}>
        <Link href={`/${slug}/activity/${operation.id}`} className="font-medium hover:underline">
          {operation.summary}
        </Link>{' '}
        {operation.undoneInWords && <Badge tone="warning">{operation.undoneInWords}</Badge>}
      </td>
      <td className={stackedClass.cell}>
        <Badge tone={toneOf(operation)}>{STATUS_WORDS[operation.status]}</Badge>{' '}
        <span className="text-muted text-[13px]">
          {Object.keys(operation.counts).length > 0 && operation.countsInWords}
        </span>
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>By</CellLabel>
        {operation.userName ?? 'Tagwell'}
      </td>
      <td className={stackedClass.cell}>
        <DateTime value={operation.createdAt} />
      </td>
    </tr>
  );
}
