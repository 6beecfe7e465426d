import { Refused } from '@/app/refused';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { DownloadLink } from '@/components/export/download-link';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { FilterDay, FilterForm, FilterSelect, FilterText } from '@/components/ui/filter-form';
import { readAudit, readUsers } from '@/lib/accounts/reads';
import { readProfileNames } from '@/lib/profiles/reads';
import { AuditSubject, profilesIn } from './audit-subject';
import { auditQuery, placeInUrl } from './filter';

export const metadata = { title: 'Audit log' };

const PAGE = 100;

type Props = { params: Promise<{ section: string }>; searchParams: Promise<Record<string, string | undefined>> };

export default async function AuditLogPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const search = await searchParams;
  const { before, ...filter } = auditQuery(search);
  const [answer, people] = await Promise.all([
    readAudit(actor, { filter, before, limit: PAGE + 1 }),
    readUsers(actor, {}),
  ]);
  if (!people.ok) return <Refused actor={actor} what="The audit log" refusal={people.refusal} />;
  const found = answer.ok ? answer.value : [];
  const entries = found.slice(0, PAGE);
  const profileIds = profilesIn(entries.filter(({ section: name }) => name === section.name));
  const named = await valueForPage(readProfileNames(actor, { sectionId: section.id, profileIds }));
  const names = new Map(named.map(({ id, name }) => [String(id), name]));
  const query = new URLSearchParams(
    Object.entries(search).filter(([key, value]) => value && key !== 'before') as [string, string][],
  );
  const last = entries.at(-1);
  const olderQuery = new URLSearchParams([...query, ...(last ? [['before', placeInUrl(last)]] : [])]);
  return (
    <>
      <PageHeader
        title="Audit log"
        actions={<DownloadLink href={`/data/${section.slug}/audit-log?${query}`}>Export as CSV</DownloadLink>}
      >
        {actor.sections === 'all'
          ? 'Who did what, when and from where, in all sections of the account.'
          : 'Who did what, when and from where, in your sections, and changes of the people, invitations and API keys that have one of them. People with access to all sections see everything.'}
      </PageHeader>
      <FilterForm>
        <FilterText label="Text" name="q" value={filter.text} />
        <FilterSelect
          label="Who"
          name="user"
          value={filter.userId}
          all="Everyone"
          options={people.value.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <FilterDay label="From" name="from" value={filter.from} />
        <FilterDay label="To" name="to" value={filter.to} />
      </FilterForm>
      <div className={`${cardClass} relative overflow-x-auto`} tabIndex={0} role="region" aria-label="Audit log">
        {!answer.ok ? (
          <EmptyState title="The audit log cannot be shown">{answer.refusal.message}</EmptyState>
        ) : entries.length === 0 ? (
          <EmptyState title="No matching entries">Remove a filter to see more.</EmptyState>
        ) : (
          <table className={stackedClass.table}>
            <TableHead stacked titles={['When', 'Who', 'What', 'Section', 'IP address']} />
            <ArrowRows className={stackedClass.body}>
              {entries.map((entry) => (
                <tr key={entry.id} className={stackedClass.row}>
                  <td className={stackedClass.cell}>
                    <DateTime value={entry.at} exact />
                  </td>
                  <td className={stackedClass.cell}>{entry.actorName}</td>
                  <td className={stackedClass.cell} title={entry.command}>
                    <AuditSubject
                      slug={section.slug}
                      isHere={entry.section === section.name}
                      entry={entry}
                      names={names}
                    />
                  </td>
                  <td className={stackedClass.cell}>{entry.section}</td>
                  <td className={`${stackedClass.cell} text-muted`}>{entry.ip}</td>
                </tr>
              ))}
            </ArrowRows>
          </table>
        )}
      </div>
      {found.length > PAGE && (
        <div className="mt-3 flex justify-end">
          <ButtonLink size="small" href={`/${section.slug}/settings/audit-log?${olderQuery}`}>
            Older
          </ButtonLink>
        </div>
      )}
    </>
  );
}
