// Says what to do in a section with too few tags for a chart.
import { ButtonLink } from '@/components/ui/button';
import { cardClass, EmptyState, PageHeader } from '@/components/ui/display';

/** `only`: the name of the single tag. */
export function NoOverlap({ slug, only }: { slug: string; only?: string }) {
  return (
    <>
      <PageHeader title="Tag overlap" />
      <div className={cardClass}>
        <EmptyState
          title={only === undefined ? 'No tags yet' : `“${only}” is the only tag`}
          action={
            <>
              <ButtonLink href={`/${slug}/imports/new`} variant="primary">
                Import a file
              </ButtonLink>
              <ButtonLink href={`/${slug}/profiles`}>Tag some profiles</ButtonLink>
            </>
          }
        >
          {only === undefined
            ? 'Once profiles have tags, this page shows which of them go together.'
            : 'An overlap needs two tags. Create another one while tagging profiles or importing a file.'}
        </EmptyState>
      </div>
    </>
  );
}
