import Link from 'next/link';
import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { GrowthChart } from '@/components/charts/growth-chart';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import { UsedIn } from '@/components/used-in/used-in';
import { readTagPage } from '@/lib/used-in/reads';

export const metadata = { title: 'Tag' };

type Props = { params: Promise<{ section: string; tag: string }> };

export default async function TagPage({ params }: Props) {
  const { section: slug, tag: tagId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readTagPage(actor, { sectionId: section.id, tagId });
  if (!found.ok) return <Refused actor={actor} refusal={found.refusal} />;
  const { tag, points, usedIn } = found.value;
  const facts: [string, React.ReactNode][] = [
    ['Profiles', tag.profiles.toLocaleString('en-GB')],
    ['Last applied', tag.lastApplied ? <DateTime key="applied" value={tag.lastApplied} /> : 'never'],
    ['Created', <DateTime key="created" value={tag.createdAt} exact />],
    ['Created by', tag.createdBy ?? 'Tagwell'],
    ['Managed by', 'Tagwell'],
    ['Used in', <UsedIn key="used" slug={slug} name={tag.name} usedIn={usedIn} />],
    [
      'Discriminator',
      <code key="discriminator" className="break-all">
        {tag.discriminator}
      </code>,
    ],
    ...(tag.ownerNote ? [['Owner note', tag.ownerNote] as [string, string]] : []),
  ];
  return (
    <>
      <PageHeader
        title={tag.name}
        actions={!tag.hidden && <ButtonLink href={`/${slug}/profiles?has=${tag.id}`}>Show the profiles</ButtonLink>}
      >
        <Link href={`/${slug}/settings/data-model/tags`} className="underline">
          All tags
        </Link>
        {tag.description && ` · ${tag.description}`}
      </PageHeader>
      {tag.hidden && (
        <p className="mb-4">
          <Badge tone="warning">Hidden for good</Badge> <DateTime value={tag.hidden.at} exact />{' '}
          {tag.hidden.by && `by ${tag.hidden.by}`}
          {tag.hidden.mergedInto && ` · merged into “${tag.hidden.mergedInto}”`}
        </p>
      )}
      <div className="flex flex-col gap-4 xl:flex-row">
        <section className={`${cardClass} min-w-0 flex-1 p-4`} aria-label="Growth by source">
          <h2 className="mb-2 font-semibold">Growth by source</h2>
          {points.length === 0 ? (
            <EmptyState title="It has not been applied yet">
              Apply it in a profile, on the Profiles page or with a file import.
            </EmptyState>
          ) : (
            <GrowthChart points={points} />
          )}
        </section>
        <dl className={`${cardClass} grid h-fit grid-cols-[auto_1fr] gap-x-4 gap-y-2 p-4 xl:w-80`}>
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </>
  );
}
