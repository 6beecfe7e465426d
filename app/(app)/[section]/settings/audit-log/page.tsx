import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { Button, ButtonLink } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, EmptyState, PageHeader, tableClass, TableHead } from '@/components/ui/display';
import { readAudit, readUsers } from '@/lib/accounts/reads';
import { auditQuery } from './filter';

export const metadata = { title: 'Audit log' };

const PAGE = 100;
const field = 'border-line-strong bg-surface h-9 rounded-md border px-2.5';

type Props = { params: Promise<{ section: string }>; searchParams: Promise<Record<string, string | undefined>> };

export default async function AuditLogPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const asked = await searchParams;
  const { before, ...filter } = auditQuery(asked);
  const [answer, people] = await Promise.all([
    readAudit(actor, { filter, before, limit: PAGE + 1 }),
    readUsers(actor, {}),
  ]);
  if (!people.ok) return <Refused actor={actor} what="The audit log" refusal={people.refusal} />;
  const found = answer.ok ? answer.value : [];
  const entries = found.slice(0, PAGE);
  const query = new URLSearchParams(
    Object.entries(asked).filter(([key, value]) => value && key !== 'before') as [string, string][],
  );
  const olderQuery = new URLSearchParams([...query, ['before', String(entries.at(-1)?.id)]]);
  return (
    <>
      <PageHeader
        title="Audit log"
        actions={
          <a className={buttonClass()} href={`/data/${section.slug}/audit-log?${query}`} download>
            Export as CSV
          </a>
        }
      >
        {actor.sections === 'all'
          ? 'Who did what, when and from where, in all sections of the account.'
          : 'Who did what, when and from where, in your sections, and changes of the people, invitations and API keys that have one of them. People with access to all sections see everything.'}
      </PageHeader>
      <form className="mb-3 flex flex-wrap items-end gap-2" role="search">
        <label className="flex flex-1 flex-col gap-1 text-[13px] font-medium sm:max-w-72">
          Text
          <input name="q" defaultValue={filter.text} className={`${field} text-base font-normal sm:text-sm`} />
        </label>
        <label className="flex flex-col gap-1 text-[13px] font-medium">
          Who
          <select name="user" defaultValue={filter.userId ?? ''} className={field}>
            <option value="">Everyone</option>
            {people.value.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="flex flex-col gap-1 text-[13px] font-medium">
          From
          <input type="date" name="from" defaultValue={filter.from} className={field} />
        </label>
        <label className="flex flex-col gap-1 text-[13px] font-medium">
          To
          <input type="date" name="to" defaultValue={filter.to} className={field} />
        </label>
        <Button type="submit">Filter</Button>
      </form>
      <div className={`${cardClass} relative overflow-x-auto`} tabIndex={0} role="region" aria-label="Audit log">
        {!answer.ok ? (
          <EmptyState title="The audit log cannot be shown">{answer.refusal.message}</EmptyState>
        ) : entries.length === 0 ? (
          <EmptyState title="No matching entries">Remove a filter to see more.</EmptyState>
        ) : (
          <table className={tableClass.table}>
            <TableHead titles={['When', 'Who', 'What', 'Section', 'From']} />
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id} className={tableClass.row}>
                  <td className={tableClass.cell}>
                    <DateTime value={entry.at} exact />
                  </td>
                  <td className={tableClass.cell}>{entry.actorName}</td>
                  <td className={tableClass.cell}>
                    {entry.summary} <span className="text-muted block text-xs">{entry.command}</span>
                  </td>
                  <td className={tableClass.cell}>{entry.section}</td>
                  <td className={`${tableClass.cell} text-muted`}>{entry.ip}</td>
                </tr>
              ))}
            </tbody>
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
