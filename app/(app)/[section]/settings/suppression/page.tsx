import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { DownloadLink } from '@/components/export/download-link';
import { ButtonLink } from '@/components/ui/button';
import { cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import { FilterForm, FilterSelect, FilterText } from '@/components/ui/filter-form';
import { mayAct } from '@/lib/access/policy';
import { CHANNELS } from '@/lib/consents/schema';
import { CHANNEL_NAMES } from '@/lib/consents/words';
import { readSuppressions } from '@/lib/suppression/reads';
import { REASONS, REASON_WORDS } from '@/lib/suppression/schema';
import { AddButton } from './add-button';
import { placeInUrl, suppressionFilter } from './filter';
import { SuppressionTable } from './suppression-table';

export const metadata = { title: 'Suppression list' };

const PAGE = 50;

type Props = { params: Promise<{ section: string }>; searchParams: Promise<Record<string, string | undefined>> };

export default async function SuppressionPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const search = await searchParams;
  const filter = suppressionFilter(search);
  const found = await readSuppressions(actor, { sectionId: section.id, ...filter, limit: PAGE + 1 });
  if (!found.ok) return <Refused actor={actor} what="The suppression list" refusal={found.refusal} />;
  const isAdmin = mayAct(actor, 'admins');
  const entries = found.value.slice(0, PAGE);
  const last = entries.at(-1);
  const query = new URLSearchParams(
    Object.entries(search).filter(([key, value]) => value && key !== 'before') as [string, string][],
  );
  const isFiltered = String(query) !== '';
  const older = new URLSearchParams([...query, ...(last ? [['before', placeInUrl(last)]] : [])]);
  return (
    <>
      <PageHeader
        title="Suppression list"
        actions={
          <>
            <DownloadLink href={`/data/${section.slug}/suppression?${query}`}>Export as CSV</DownloadLink>
            {isAdmin && <AddButton sectionId={section.id} />}
          </>
        }
      >
        Addresses that get nothing, no matter whose they are: because they bounced, because somebody complained, or
        because you put them here. An address stays when its profile is deleted.
      </PageHeader>
      <FilterForm>
        <FilterText label="Address" name="q" value={filter.search} />
        <FilterSelect
          label="Channel"
          name="channel"
          value={filter.channel}
          all="All channels"
          options={CHANNELS.map((value) => ({ value, label: CHANNEL_NAMES[value] }))}
        />
        <FilterSelect
          label="Reason"
          name="reason"
          value={filter.reason}
          all="All reasons"
          options={REASONS.map((value) => ({ value, label: REASON_WORDS[value] }))}
        />
        <FilterSelect
          label="Show"
          name="show"
          value={filter.lifted ? 'lifted' : undefined}
          all="On the list"
          options={[{ value: 'lifted', label: 'Lifted' }]}
        />
      </FilterForm>
      {entries.length === 0 ? (
        <div className={cardClass}>
          <EmptyState title={isFiltered ? 'No such address' : 'No address is suppressed'}>
            {isFiltered
              ? 'Remove a filter to see more.'
              : 'Addresses that bounce or complain are put here by themselves once messages are sent.'}
          </EmptyState>
        </div>
      ) : (
        <SuppressionTable sectionId={section.id} entries={entries} isAdmin={isAdmin} />
      )}
      {found.value.length > PAGE && (
        <div className="mt-3 flex justify-end">
          <ButtonLink size="small" href={`/${section.slug}/settings/suppression?${older}`}>
            Older
          </ButtonLink>
        </div>
      )}
    </>
  );
}
