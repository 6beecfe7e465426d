'use client';
// A condition on a tag: has it, got or lost it, from which source, held by which list.
import { Tag as TagIcon } from 'lucide-react';
import { useState } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { TagPicker } from '@/components/tags/tag-picker';
import { InlineSelect } from '@/components/ui/inline';
import { popoverClass } from '@/components/ui/popover-class';
import type { ClaimHolderId } from '@/lib/db/ids';
import type { TagCondition } from '@/lib/segments/schema';
import { SOURCE_WORDS } from '@/lib/segments/words';
import { SOURCES, type Source } from '@/lib/tags/source';
import { useBuilder } from './builder-context';
import type { Problems } from '@/components/comparison/draft-comparison';
import type { DraftTag } from './draft';
import { PeriodFields } from './period-fields';

const TESTS: { value: TagCondition['test']; label: string }[] = [
  { value: 'has', label: 'has' },
  { value: 'has_not', label: 'does not have' },
  { value: 'got', label: 'got' },
  { value: 'lost', label: 'lost' },
  { value: 'held_by', label: 'has, set by' },
];

/** Sources worth choosing: erased people cannot be found, and restored tags have their first source. */
const offeredSources = ({ test, source: chosen }: DraftTag): Source[] =>
  (Object.keys(SOURCES) as Source[]).filter(
    (source) => source === chosen || (source !== 'erasure' && (source !== 'undo' || test === 'lost')),
  );
const SET_HERE = 'here';

export function TagFields({ node, problems }: { node: DraftTag; problems: Problems }) {
  const { replace, vocabulary } = useBuilder();
  const { test } = node;
  return (
    <>
      <InlineSelect
        label="Has or does not have"
        value={test}
        options={TESTS}
        onChange={(next) => replace({ ...node, test: next })}
      />
      <TagChoice node={node} />
      {test === 'held_by' ? (
        <InlineSelect
          label="Set by"
          value={node.holderId === null ? SET_HERE : String(node.holderId)}
          options={[
            { value: SET_HERE, label: 'people, imports or the API' },
            ...vocabulary.holders.map(({ id, name }) => ({ value: String(id), label: `the list ${name}` })),
          ]}
          onChange={(holder) =>
            replace({ ...node, holderId: holder === SET_HERE ? null : (Number(holder) as ClaimHolderId) })
          }
        />
      ) : (
        <InlineSelect
          label="From which source"
          quiet={node.source === null}
          value={node.source ?? 'any'}
          options={[
            { value: 'any' as const, label: 'from any source' },
            ...offeredSources(node).map((source) => ({ value: source, label: `from ${SOURCE_WORDS[source]}` })),
          ]}
          onChange={(source) => replace({ ...node, source: source === 'any' ? null : source })}
        />
      )}
      {(test === 'got' || test === 'lost') && (
        <PeriodFields
          id={node.key}
          when={node.when}
          problems={problems}
          onChange={(when, what) => replace({ ...node, when }, what)}
        />
      )}
    </>
  );
}

function TagChoice({ node }: { node: DraftTag }) {
  const { slug, tag, replace } = useBuilder();
  const [open, setOpen] = useState(false);
  const known = tag(node.tagId);
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button
        aria-label={`Tag: ${known?.name ?? 'loading'}. Choose another`}
        className={`inline-flex h-8 max-w-64 min-w-0 items-center gap-1.5 rounded-full px-3 font-medium ${known?.lost ? 'bg-danger-soft text-danger line-through' : 'bg-accent-soft text-accent-ink'}`}
      >
        <TagIcon aria-hidden className="size-3.5 shrink-0" />
        <span className="truncate">{known?.name ?? '…'}</span>
      </Button>
      <Popover className={`${popoverClass} w-80 max-w-[90vw]`}>
        <Dialog aria-label="Choose a tag" className="outline-none">
          <TagPicker
            slug={slug}
            label="Tag"
            autoFocus
            single
            selection={new Map([[node.tagId, 'all' as const]])}
            onToggle={({ id }) => {
              replace({ ...node, tagId: id });
              setOpen(false);
            }}
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
