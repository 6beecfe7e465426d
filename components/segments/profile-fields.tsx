'use client';
// A condition on the profile itself: when it was added, which keys it has, and whether it has a tag at all.
import { InlineSelect, Word } from '@/components/ui/inline';
import type { KeyspaceId } from '@/lib/db/ids';
import { useBuilder } from './builder-context';
import type { Problems } from '@/components/comparison/draft-comparison';
import type { DraftProfile } from './draft';
import { PeriodFields } from './period-fields';

export function ProfileFields({ node, problems }: { node: DraftProfile; problems: Problems }) {
  const { replace, vocabulary } = useBuilder();
  if (node.test === 'created') {
    return (
      <>
        <Word>Profile was added</Word>
        <PeriodFields
          id={node.key}
          when={node.when}
          problems={problems}
          canBeEver={false}
          onChange={(when, what) => replace({ ...node, when }, what)}
        />
      </>
    );
  }
  if (node.test === 'has_tag' || node.test === 'has_no_tag') {
    return (
      <InlineSelect
        label="Has any tag or none"
        value={node.test}
        options={[
          { value: 'has_no_tag', label: 'has no tag at all' },
          { value: 'has_tag', label: 'has any tag' },
        ]}
        onChange={(test) => replace({ ...node, test })}
      />
    );
  }
  return (
    <>
      <InlineSelect
        label="Has a key or not"
        value={node.test}
        options={[
          { value: 'has_key', label: 'has a key in' },
          { value: 'has_no_key', label: 'has no key in' },
        ]}
        onChange={(test) => replace({ ...node, test })}
      />
      <InlineSelect
        label="Keyspace"
        value={String(node.keyspaceId)}
        options={vocabulary.keyspaces.map(({ id, name }) => ({ value: String(id), label: name }))}
        onChange={(id) => replace({ ...node, keyspaceId: Number(id) as KeyspaceId })}
      />
    </>
  );
}
