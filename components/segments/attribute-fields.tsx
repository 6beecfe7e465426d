'use client';
// A condition on an attribute.
import { InlineSelect } from '@/components/ui/inline';
import type { AttributeId } from '@/lib/db/ids';
import { useBuilder } from './builder-context';
import { ComparisonFields } from '@/components/comparison/comparison-fields';
import { comparisonFor, type Problems } from '@/components/comparison/draft-comparison';
import { type DraftAttribute } from './draft';

export function AttributeFields({ node, problems }: { node: DraftAttribute; problems: Problems }) {
  const { slug, replace, vocabulary } = useBuilder();
  const attribute = vocabulary.attributes.find(({ id }) => id === node.attributeId);
  function choose(value: string) {
    const next = vocabulary.attributes.find(({ id }) => id === (Number(value) as AttributeId))!;
    const sameType = next.type === attribute?.type && next.type !== 'choice';
    const compare = sameType ? node.compare : comparisonFor(next.type);
    replace({ ...node, attributeId: next.id, compare });
  }
  return (
    <>
      <InlineSelect
        label="Attribute"
        value={String(node.attributeId)}
        options={[
          ...(attribute ? [] : [{ value: String(node.attributeId), label: 'Missing attribute' }]),
          ...vocabulary.attributes.map(({ id, name, lost }) => ({
            value: String(id),
            label: lost ? `${name} (hidden)` : name,
          })),
        ]}
        onChange={choose}
      />
      {attribute && (
        <ComparisonFields
          id={node.key}
          name={attribute.name}
          type={attribute.type}
          choices={attribute.choices}
          compare={node.compare}
          problems={problems}
          suggest={{ slug, attributeId: attribute.id }}
          path="compare"
          onChange={(compare, what) => replace({ ...node, compare }, what)}
        />
      )}
    </>
  );
}
