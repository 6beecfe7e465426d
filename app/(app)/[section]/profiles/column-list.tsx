'use client';
// Which columns the list shows and in which order: by checkboxes, by arrows, or by dragging.
import clsx from 'clsx';
import { ArrowDown, ArrowUp, GripVertical } from 'lucide-react';
import { Button, DropIndicator, GridList, GridListItem, useDragAndDrop } from 'react-aria-components';
import { IconButton } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/field';
import { useAnnouncement } from '@/components/ui/use-announcement';
import { droppedAt, moved, offered, toggled } from './column-order';
import type { Column } from './columns';

type Props = { columns: readonly Column[]; shown: readonly string[]; onChange: (shown: string[]) => void };

export function ColumnList({ columns, shown, onChange }: Props) {
  const [announcement, announce] = useAnnouncement();
  const all = columns.map(({ id }) => id);
  const titleOf = (id: string) => columns.find((column) => column.id === id)!.title;

  function place(id: string, next: string[]) {
    if (next.join() !== shown.join()) onChange(next);
    if (next.includes(id)) announce(`${titleOf(id)} is column ${next.indexOf(id) + 1} of ${next.length}`);
  }

  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ 'text/plain': titleOf(String(key)) })),
    onReorder: ({ keys, target: { key, dropPosition } }) => {
      if (dropPosition === 'on') return;
      const [id] = [...keys].map(String);
      if (id !== undefined) place(id, droppedAt(all, shown, id, { target: String(key), position: dropPosition }));
    },
    renderDropIndicator: (target) => (
      <DropIndicator target={target} className="data-[drop-target]:bg-accent -my-px h-0.5 rounded" />
    ),
  });

  return (
    <>
      <p aria-live="polite" className="sr-only">
        {announcement}
      </p>
      <GridList
        aria-label="Columns, in their order"
        items={offered(all, shown).map((id) => ({ id }))}
        dependencies={[shown, columns]}
        keyboardNavigationBehavior="tab"
        dragAndDropHooks={dragAndDropHooks}
        className="flex flex-col outline-none"
      >
        {({ id }) => (
          <GridListItem
            textValue={titleOf(id)}
            onAction={() => place(id, toggled(shown, id, !shown.includes(id)))}
            className="data-[dragging]:opacity-50 data-[hovered]:bg-hover data-[focus-visible]:outline-accent -mx-1 flex items-center gap-1 rounded px-1 outline-offset-[-2px] data-[focus-visible]:outline-2"
          >
            <Button
              slot="drag"
              aria-label={`Drag ${titleOf(id)}`}
              className="text-muted flex cursor-grab rounded p-0.5"
            >
              <GripVertical aria-hidden className="size-4" />
            </Button>
            <span className="min-w-0 flex-1 py-1.5">
              <Checkbox isSelected={shown.includes(id)} onChange={(on) => place(id, toggled(shown, id, on))}>
                <bdi className="min-w-0 wrap-anywhere">{titleOf(id)}</bdi>
              </Checkbox>
            </span>
            {shown.includes(id) && (
              <>
                <IconButton label={`Move ${titleOf(id)} up`} onPress={() => place(id, moved(shown, id, -1))}>
                  <ArrowUp aria-hidden className={clsx('size-4', shown[0] === id && 'opacity-30')} />
                </IconButton>
                <IconButton label={`Move ${titleOf(id)} down`} onPress={() => place(id, moved(shown, id, 1))}>
                  <ArrowDown aria-hidden className={clsx('size-4', shown.at(-1) === id && 'opacity-30')} />
                </IconButton>
              </>
            )}
          </GridListItem>
        )}
      </GridList>
    </>
  );
}
