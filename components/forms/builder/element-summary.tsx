'use client';
// What a closed element says in the builder: its label, what it fills, which tags it gives, and when it is shown.
import { TagName } from '@/components/tags/tag-chip';
import { useTagLabels } from '@/components/tags/use-tags';
import { Badge } from '@/components/ui/display';
import type { TagId } from '@/lib/db/ids';
import { elementsOf, type Element } from '@/lib/forms/schema';
import { useBuilder, useDocument } from './builder-context';
import { labelOf, wordsOf } from './new-elements';

const TAGS_SHOWN = 4;

export function ElementSummary({ element }: { element: Element }) {
  const { attributes } = useBuilder();
  const label = labelOf(element);
  const attribute =
    'attributeId' in element ? attributes.find(({ id }) => id === element.attributeId)?.name : undefined;
  const isRequired = ('required' in element && element.required) || element.kind === 'terms';
  return (
    <span className="flex min-w-0 flex-col gap-0.5">
      <span className="flex min-w-0 flex-wrap items-center gap-x-2">
        <span className={label === '' ? 'text-muted italic' : 'line-clamp-2 font-medium wrap-anywhere'} dir="auto">
          {label === '' ? wordsOf(element).name : label}
          {isRequired && (
            <>
              <span aria-hidden className="text-danger">
                {' '}
                *
              </span>
              <span className="sr-only"> (required)</span>
            </>
          )}
        </span>
        {attribute !== undefined && <Badge>→ {attribute}</Badge>}
      </span>
      <Choices element={element} />
      <Tags element={element} />
      <Condition element={element} />
    </span>
  );
}

function Choices({ element }: { element: Element }) {
  if (element.kind !== 'input' || element.choices.length === 0) return null;
  const words = element.choices.map(({ label, value }) => label || value).filter(Boolean);
  return <span className="text-muted truncate text-[13px]">{words.join(' · ')}</span>;
}

function Tags({ element }: { element: Element }) {
  const { slug } = useBuilder();
  const ids: TagId[] =
    element.kind === 'input' ? [...element.tagIds, ...element.choices.flatMap(({ tagIds }) => tagIds)] : [];
  const { labels } = useTagLabels(slug, ids);
  if (ids.length === 0) return null;
  const shown = [...new Set(ids)];
  return (
    <span className="flex flex-wrap gap-1">
      {shown.slice(0, TAGS_SHOWN).map((id) => (
        <TagName key={id} tag={labels.get(id) ?? { name: '…', colour: null }} />
      ))}
      {shown.length > TAGS_SHOWN && <span className="text-muted text-xs">and {shown.length - TAGS_SHOWN} more</span>}
    </span>
  );
}

function Condition({ element: { shownIf } }: { element: Element }) {
  const { document } = useDocument();
  if (shownIf === null) return null;
  const other = elementsOf(document).find(({ id }) => id === shownIf.elementId);
  return (
    <span className="text-muted text-[13px] wrap-anywhere">
      Only if “{other ? labelOf(other) || 'a question' : 'a question that is gone'}” is{' '}
      {shownIf.values.join(' or ') || '…'}
    </span>
  );
}
