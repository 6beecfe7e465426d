'use client';
// Helps people who look for a tag that is not here: it is in another section, or it was hidden.
import { useDebounced } from '@/components/ui/use-debounced';
import { useTagWhereabouts } from './use-tags';

/** Renders nothing if no such name exists anywhere. `name`: as typed; not a visible tag of the section. */
export function TagWhereabouts({ slug, name }: { slug: string; name: string }) {
  const typed = name.trim();
  const wanted = useDebounced(typed);
  const { data } = useTagWhereabouts(slug, wanted);
  if (!data || wanted !== typed) return null;
  const { sections, hidden } = data;
  return (
    <>
      {sections.length > 0 &&
        `A tag with this name exists in section ${sections.map(({ section }) => section).join(', ')}, but not in this one. Tags are not shared between sections. `}
      {hidden &&
        (hidden.mergedInto
          ? `“${hidden.name}” was merged into “${hidden.mergedInto}”: use that one.`
          : `“${hidden.name}” was hidden${hidden.by ? ` by ${hidden.by}` : ''} on ${new Date(hidden.at).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' })}. Hiding is for good: create a new tag and apply it again.`)}
    </>
  );
}
