'use client';
// Filters by tags and attributes: the buttons that add them, and each as a removable chip.
import { Button as AriaButton } from 'react-aria-components';
import type { Attribute } from '@/lib/attributes/schema';
import type { TagId } from '@/lib/db/ids';
import type { OperationEffect } from '@/lib/profiles/schema';
import type { TagLabel } from '@/lib/tags/schema';
import { AttributeFilterButton, AttributeFilterPopover } from './attribute-filter';
import { conditionInWords } from './condition-words';
import { FilterChip } from './filter-chip';
import type { ChangeFilter, FilterParams } from './search-params';
import { TagFilterButton } from './tag-filter';

type Props = { slug: string; attributes: Attribute[]; params: FilterParams; onChange: ChangeFilter };

export function FilterButtons({ slug, attributes, params, onChange }: Props) {
  return (
    <>
      <TagFilterButton slug={slug} params={params} onChange={onChange} />
      <AttributeFilterButton
        slug={slug}
        attributes={attributes}
        onSave={(condition) => onChange({ where: [...params.where, condition] })}
      />
    </>
  );
}

const EFFECT_WORDS: Record<OperationEffect, string> = {
  created: 'created by',
  updated: 'updated by',
  saved: 'created or updated by',
  tagged: 'tagged by',
  untagged: 'tags removed by',
};

type ChipsProps = Props & {
  /** Those of the filter. */
  tags: TagLabel[];
  /** The filter's operation in words; null if it does not exist. */
  operation: string | null;
};

export function FilterChips({ slug, tags, attributes, operation, params, onChange }: ChipsProps) {
  const byId = new Map(tags.map((tag) => [tag.id, tag.name]));
  const nameOf = (id: number) => byId.get(id as TagId) ?? 'a missing tag';
  const without = <T,>(list: T[], item: T) => list.filter((one) => one !== item);
  return (
    <>
      {params.has.map((id) => (
        <FilterChip
          key={`has-${id}`}
          text={`has ${nameOf(id)}`}
          onRemove={() => onChange({ has: without(params.has, id) })}
        />
      ))}
      {params.any.length > 0 && (
        <FilterChip
          text={
            params.any.length === 1
              ? `has ${nameOf(params.any[0]!)}`
              : `has any of ${params.any.map(nameOf).join(', ')}`
          }
          onRemove={() => onChange({ any: null })}
        />
      )}
      {params.not.map((id) => (
        <FilterChip
          key={`not-${id}`}
          text={`does not have ${nameOf(id)}`}
          onRemove={() => onChange({ not: without(params.not, id) })}
        />
      ))}
      {params.untagged && <FilterChip text="has no tag at all" onRemove={() => onChange({ untagged: null })} />}
      {params.by !== null && params.did !== null && (
        <FilterChip
          text={`${EFFECT_WORDS[params.did]}: ${operation ?? 'something outside this section'}`}
          onRemove={() => onChange({ by: null, did: null })}
        />
      )}
      {params.where.map((condition) => (
        <FilterChip
          key={JSON.stringify(condition)}
          text={conditionInWords(condition, attributes)}
          onRemove={() => onChange({ where: without(params.where, condition) })}
        >
          <AttributeFilterPopover
            slug={slug}
            attributes={attributes}
            condition={condition}
            trigger={
              <AriaButton className="min-h-6 text-left hover:underline">
                {conditionInWords(condition, attributes)}
              </AriaButton>
            }
            onSave={(next) => onChange({ where: params.where.map((item) => (item === condition ? next : item)) })}
          />
        </FilterChip>
      ))}
    </>
  );
}
