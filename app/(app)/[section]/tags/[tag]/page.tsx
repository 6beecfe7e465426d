import type { Metadata } from 'next';
import { Link } from '@/components/ui/link';
import { cache } from 'react';
import { Refused } from '@/app/refused';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { GrowthChart } from '@/components/charts/growth-chart';
import { TagName } from '@/components/tags/tag-chip';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import { mayAct } from '@/lib/access/policy';
import { readAdministrators } from '@/lib/accounts/reads';
import { readTagPage } from '@/lib/used-in/reads';
import { KeptBy } from './kept-by';
import { TagActions } from './tag-actions';
import { TagFacts } from './tag-facts';
import { TagHistory } from './tag-history';
import { TagHolders } from './tag-holders';
import { TagsTogether } from './tags-together';
import { WhomToAsk } from './whom-to-ask';

type Props = { params: Promise<{ section: string; tag: string }> };

/** Once a request, for the title and the page. */
const readTag = cache(async (slug: string, tagId: string) => {
  const { actor, section } = await requireSection(slug);
  return { actor, section, found: await readTagPage(actor, { sectionId: section.id, tagId }) };
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section, tag } = await params;
  const { found } = await readTag(section, tag);
  return { title: found.ok ? found.value.tag.name : 'Tag' };
}

export default async function TagPage({ params }: Props) {
  const asked = await params;
  const { actor, section, found } = await readTag(asked.section, asked.tag);
  if (!found.ok) return <Refused actor={actor} refusal={found.refusal} />;
  const { tag, lists, keptOff, points, usedIn, holders, history } = found.value;
  const isAdmin = mayAct(actor, 'admins');
  const people = isAdmin ? [] : await valueForPage(readAdministrators(actor, {}));
  const { slug } = section;
  return (
    <>
      <PageHeader
        title={<TagName tag={tag} size="title" />}
        actions={!tag.hidden && <TagActions section={{ id: section.id, slug }} tag={tag} isAdmin={isAdmin} />}
      >
        <Link href={`/${slug}/tags`} className="underline">
          All tags
        </Link>
        {tag.group && (
          <>
            {' · '}
            <bdi className="wrap-anywhere">{tag.group}</bdi>
          </>
        )}
      </PageHeader>
      {tag.hidden && (
        <p className="mb-4">
          <Badge tone="warning">Hidden for good</Badge> <DateTime value={tag.hidden.at} exact />{' '}
          {tag.hidden.by && `by ${tag.hidden.by}`}
          {tag.hidden.mergedInto && ` · merged into “${tag.hidden.mergedInto}”`}
        </p>
      )}
      {tag.description ? (
        <p className="mb-4 max-w-prose text-[15px] wrap-anywhere whitespace-pre-line">{tag.description}</p>
      ) : (
        <p className="text-muted mb-4">No one has written yet what this tag means.</p>
      )}
      <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_22rem] xl:grid-rows-[auto_1fr]">
        <div className="min-w-0 xl:col-start-2">
          <TagFacts slug={slug} tag={tag} usedIn={usedIn} lists={lists} />
        </div>
        <div className="flex min-w-0 flex-col gap-4 xl:col-start-1 xl:row-span-2 xl:row-start-1">
          <section className={`${cardClass} p-4`} aria-label="Growth by source">
            <h2 className="mb-2 font-semibold">Growth by source</h2>
            {points.length === 0 ? (
              <EmptyState title="It has not been applied yet">
                Apply it in a profile, on the Profiles page or with a file import.
              </EmptyState>
            ) : (
              <GrowthChart points={points} />
            )}
          </section>
          {!tag.hidden && <TagHolders slug={slug} tag={tag} holders={holders} />}
        </div>
        <div className="flex min-w-0 flex-col gap-4 xl:col-start-2">
          {lists.length > 0 && <KeptBy section={{ id: section.id, slug }} tag={tag} lists={lists} keptOff={keptOff} />}
          {!tag.hidden && tag.profiles > 0 && <TagsTogether slug={slug} tagId={tag.id} />}
          <TagHistory events={history} />
          {people.length > 0 && <WhomToAsk people={people} />}
        </div>
      </div>
    </>
  );
}
