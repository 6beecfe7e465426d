'use client';
// A group: all, any or none of its items, nested to any depth. Nodes can be dropped between its items.
import clsx from 'clsx';
import { Group, Plus } from 'lucide-react';
import { Fragment, memo, useContext, useState, type DragEvent } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { Button } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { InlineSelect, Word } from '@/components/ui/inline';
import { popoverClass } from '@/components/ui/popover-class';
import { nodeInWords } from '@/lib/segments/words';
import { DropContext, useBuilder } from './builder-context';
import { ConditionRow } from './condition-row';
import { completePart, groupOf, type DraftGroup, type DraftNode } from './draft';
import { LiveCount } from './live-count';
import { DragHandle, PartMenu } from './part-menu';
import { ThingPicker } from './thing-picker';
import { useNames } from './use-names';

const MATCHES = [
  { value: 'all' as const, label: 'all' },
  { value: 'any' as const, label: 'any' },
  { value: 'none' as const, label: 'none' },
];

type Props = { group: DraftGroup; isRoot?: boolean };

export const GroupEditor = memo(function GroupEditor({ group, isRoot = false }: Props) {
  const { replace, drag, strict } = useBuilder();
  const names = useNames();
  const complete = completePart(group).node;
  const words = complete ? nodeInWords(complete, names) : 'an empty group';

  /** Before or after the node under the pointer. */
  function onDragOver(event: DragEvent<HTMLElement>, index: number) {
    event.preventDefault();
    event.stopPropagation();
    const { top, height } = event.currentTarget.getBoundingClientRect();
    drag.over({ groupKey: group.key, index: event.clientY < top + height / 2 ? index : index + 1 });
  }
  function onDrop(event: DragEvent) {
    event.preventDefault();
    event.stopPropagation();
    drag.drop();
  }

  return (
    <fieldset
      className={
        isRoot ? 'min-w-0' : 'border-line-strong bg-sunken/50 min-w-0 rounded-lg border border-l-4 py-1 pr-1.5 pl-2'
      }
      onDragOver={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (group.items.length === 0) drag.over({ groupKey: group.key, index: 0 });
      }}
      onDrop={onDrop}
    >
      <legend className="sr-only">{isRoot ? 'The rules' : `A group: ${words}`}</legend>
      <div className="flex items-center gap-1.5 py-1">
        {!isRoot && <DragHandle node={group} words={words} />}
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1.5">
          <Word>{isRoot ? 'Everyone for whom' : 'for whom'}</Word>
          <InlineSelect
            label={
              isRoot ? 'How many of the conditions must be true' : 'How many of the group’s conditions must be true'
            }
            value={group.match}
            options={MATCHES}
            onChange={(match) => replace({ ...group, match })}
          />
          <Word>of this is true</Word>
        </div>
        {!isRoot && (
          <>
            <LiveCount node={complete} lost={false} />
            <PartMenu node={group} words={words} />
          </>
        )}
      </div>
      <ul className="flex flex-col">
        {group.items.map((item, index) => (
          <Fragment key={item.key}>
            <DropLine groupKey={group.key} index={index} />
            <li className="min-w-0" onDragOver={(event) => onDragOver(event, index)}>
              {index > 0 && <Between match={group.match} of={[group.items[index - 1]!, item]} />}
              {item.kind === 'group' ? <GroupEditor group={item} /> : <ConditionRow node={item} />}
            </li>
          </Fragment>
        ))}
        <DropLine groupKey={group.key} index={group.items.length} />
      </ul>
      {group.items.length === 0 && (
        <p className={`py-1 text-[13px] ${strict ? 'text-danger' : 'text-muted'}`}>
          {isRoot
            ? 'No conditions yet. Add one: a tag, an attribute, an event…'
            : 'This group is empty: add a condition, or remove the group.'}
        </p>
      )}
      <AddCondition group={group} isRoot={isRoot} />
    </fieldset>
  );
});

/** The word between two items. Conditions have room around them, groups have a line. */
function Between({ match, of: [above, below] }: { match: DraftGroup['match']; of: [DraftNode, DraftNode] }) {
  return (
    <span
      className={clsx(
        'text-muted block pl-6.5 text-xs',
        above.kind === 'group' && 'pt-1.5',
        below.kind === 'group' && 'pb-1.5',
      )}
    >
      {match === 'all' ? 'and' : 'or'}
    </span>
  );
}

function DropLine({ groupKey, index }: { groupKey: string; index: number }) {
  const over = useContext(DropContext);
  const here = over?.groupKey === groupKey && over.index === index;
  return here ? <li aria-hidden className="bg-accent my-0.5 h-1 rounded" /> : null;
}

function AddCondition({ group, isRoot }: { group: DraftGroup; isRoot: boolean }) {
  const { add } = useBuilder();
  const [open, setOpen] = useState(false);
  const end = { groupKey: group.key, index: group.items.length };
  const variant = isRoot ? 'secondary' : 'quiet';
  return (
    <div className="flex flex-wrap gap-1.5 py-1.5">
      <DialogTrigger isOpen={open} onOpenChange={setOpen}>
        <AriaButton className={buttonClass({ size: 'small', variant })} data-add={group.key}>
          <Plus aria-hidden className="size-3.5" /> Add a condition
        </AriaButton>
        <Popover placement="bottom start" className={`${popoverClass} w-96 max-w-[92vw]`}>
          <Dialog aria-label="Add a condition" className="outline-none">
            <ThingPicker
              onPick={(node) => {
                setOpen(false);
                add(node, end);
              }}
            />
          </Dialog>
        </Popover>
      </DialogTrigger>
      {/* Its items are joined by the other word, or there would be no need for a group. */}
      <Button
        size="small"
        variant={variant}
        onPress={() => add(groupOf(group.match === 'all' ? 'any' : 'all', []), end)}
      >
        <Group aria-hidden className="size-3.5" /> Add an “{group.match === 'all' ? 'or' : 'and'}” group
      </Button>
    </div>
  );
}
