// People who may be in the section twice: pairs to merge or to dismiss.
import { Link } from '@/components/ui/link';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import { readOperation } from '@/lib/activity/reads';
import { readAttributes } from '@/lib/attributes/reads';
import { readDuplicates, readDuplicatesStatus } from '@/lib/duplicates/reads';
import { AboutLook } from './about-look';
import { ListTabs } from './list-tabs';
import { LookButton } from './look-button';
import { LookProgress } from './look-progress';
import { PairList } from './pair-list';
import { listParams, listPath, type ListParams } from './params';
import { LOOKED_FOR } from './words';

export const metadata = { title: 'Possible duplicates' };

type Props = {
  params: Promise<{ section: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function DuplicatesPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const { slug } = section;
  const of = { sectionId: section.id };
  const asked = listParams(await searchParams);
  const [status, attributes] = await Promise.all([
    valueForPage(readDuplicatesStatus(actor, of)),
    valueForPage(readAttributes(actor, of)),
  ]);
  const [page, unfinished] = await Promise.all([
    valueForPage(readDuplicates(actor, { ...of, ...asked })),
    status.unfinished === null ? null : readOperation(actor, { ...of, operationId: status.unfinished }),
  ]);
  const operation = unfinished?.ok ? unfinished.value : null;
  const isNew = status.lookedAt === null && operation === null;
  const sectionRef = { id: section.id, slug };
  return (
    <>
      <PageHeader
        title="Possible duplicates"
        actions={!isNew && <LookButton section={sectionRef} operation={operation} label="Look again" />}
      >
        <Link href={`/${slug}/profiles`} className="underline">
          All profiles
        </Link>
        {status.lookedAt !== null && (
          <>
            {' · Looked '}
            <DateTime value={status.lookedAt} />
          </>
        )}
      </PageHeader>
      {operation && <LookProgress key={operation.id} slug={slug} operation={operation} />}
      {isNew ? (
        <div className={cardClass}>
          <EmptyState
            title="Find people who are here twice"
            action={<LookButton section={sectionRef} operation={null} label="Look for duplicates" primary />}
          >
            {LOOKED_FOR} You decide about each pair: nothing is merged by itself.
          </EmptyState>
        </div>
      ) : (
        <>
          {status.lookedAt !== null && <AboutLook slug={slug} status={status} />}
          <ListTabs slug={slug} params={asked} status={status} />
          {page.pairs.length === 0 ? (
            <div className={cardClass}>
              <Nothing
                params={asked}
                listed={status.open}
                isLooking={operation?.status === 'queued' || operation?.status === 'running'}
              />
            </div>
          ) : (
            <PairList section={sectionRef} pairs={page.pairs} attributes={attributes} path={listPath(slug, asked)} />
          )}
          {(page.next !== null || asked.after !== null) && (
            <nav aria-label="Pages" className="mt-3 flex justify-end gap-2">
              {asked.after !== null && (
                <ButtonLink size="small" href={listPath(slug, { ...asked, after: null })}>
                  First page
                </ButtonLink>
              )}
              {page.next !== null && (
                <ButtonLink size="small" href={listPath(slug, { ...asked, after: page.next })}>
                  Next page
                </ButtonLink>
              )}
            </nav>
          )}
        </>
      )}
    </>
  );
}

/** `listed`: pairs of the last look that nobody has decided about. */
function Nothing({ params, listed, isLooking }: { params: ListParams; listed: number; isLooking: boolean }) {
  if (params.dismissed) {
    return (
      <EmptyState title="No decisions yet">
        Pairs that somebody calls not the same person are kept here, and later looks do not list them again.
      </EmptyState>
    );
  }
  if (isLooking) return <EmptyState title="Looking…">The pairs are listed here when it has ended.</EmptyState>;
  if (params.after !== null || params.reason !== null)
    return <EmptyState title="No pairs here">Other reasons or pages may have some.</EmptyState>;
  if (listed > 0) {
    return (
      <EmptyState title="No possible duplicates any more">
        The pairs that were found have nothing in common now, because their profiles have changed. Look again to find
        others.
      </EmptyState>
    );
  }
  return <EmptyState title="No possible duplicates">{LOOKED_FOR}</EmptyState>;
}
