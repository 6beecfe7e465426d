// How many tags are worth a look, and where.
import { number } from '@/components/ui/figures';
import { readTidyCounts } from '@/lib/home/reads';
import { Line, Lines, Nothing, Part, valueOrNull, type Of } from './part';

export function TidyTags({ actor, section }: Of) {
  const page = `/${section.slug}/tags`;
  const read = valueOrNull(readTidyCounts(actor, { sectionId: section.id }));
  return (
    <Part title="Tags to tidy up" read={read}>
      {({ tags, unused, undescribed, ownerless }) =>
        tags === 0 || unused + undescribed + ownerless === 0 ? (
          <Nothing>
            {tags === 0 ? 'There are no tags yet.' : 'Nothing: all tags are in use, described and owned.'}
          </Nothing>
        ) : (
          <Lines>
            {unused > 0 && (
              <Line
                name="Unused for 90 days"
                href={`${page}?show=unused`}
                more="On nobody, or applied to nobody since"
                value={number(unused)}
              />
            )}
            {undescribed > 0 && (
              <Line
                name="Without a description"
                href={page}
                more="So others can only guess"
                value={number(undescribed)}
              />
            )}
            {ownerless > 0 && (
              <Line name="Without an owner" href={page} more="So nobody knows whom to ask" value={number(ownerless)} />
            )}
          </Lines>
        )
      }
    </Part>
  );
}
