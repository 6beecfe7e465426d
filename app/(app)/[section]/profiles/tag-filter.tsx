'use client';
// The filter by tags: all of them, any of them, none of them, or no tag at all.
import { Tag as TagIcon } from 'lucide-react';
import { useState } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { TagPicker } from '@/components/tags/tag-picker';
import { buttonClass } from '@/components/ui/button-class';
import { Checkbox } from '@/components/ui/field';
import { popoverClass } from '@/components/ui/popover-class';
import { ToggleRow } from '@/components/ui/toggle-row';
import type { TagId } from '@/lib/db/ids';
import type { ChangeFilter, FilterParams } from './search-params';

const WAYS = [
  { value: 'has', label: 'All of' },
  { value: 'any', label: 'Any of' },
  { value: 'not', label: 'None of' },
] as const;
type Way = (typeof WAYS)[number]['value'];

type Props = { slug: string; params: Pick<FilterParams, Way | 'untagged'>; onChange: ChangeFilter };

export function TagFilterButton({ slug, params, onChange }: Props) {
  const [way, setWay] = useState<Way>('has');
  const chosen = params[way];
  return (
    <DialogTrigger>
      <Button className={buttonClass()}>
        <TagIcon aria-hidden className="size-3.5" /> Tags
      </Button>
      <Popover className={`${popoverClass} w-80 max-w-[90vw]`}>
        <Dialog aria-label="Filter by tags" className="flex flex-col gap-3 outline-none">
          <ToggleRow label="Profiles that have" value={way} options={WAYS} onChange={setWay} />
          <TagPicker
            key={way}
            slug={slug}
            label={`${WAYS.find(({ value }) => value === way)!.label} these tags`}
            canCreate={false}
            autoFocus
            selection={new Map(chosen.map((id) => [id as TagId, 'all' as const]))}
            onToggle={(tag, next) =>
              onChange({ [way]: next ? [...chosen, tag.id] : chosen.filter((id) => id !== tag.id) })
            }
          />
          <div className="border-line border-t pt-3">
            <Checkbox isSelected={params.untagged} onChange={(on) => onChange({ untagged: on || null })}>
              No tag at all
            </Checkbox>
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
