'use client';
// A list of the CRM: what it is, whether it can be kept, and, once chosen, its tag.
import { TagLink } from '@/components/tags/tag-chip';
import { Badge } from '@/components/ui/display';
import { Checkbox, TextField } from '@/components/ui/field';
import type { AvailableList } from '@/lib/integrations/live';
import { number, people } from '../../words';
import { asks, type Draft } from './draft';
import { kindInWords } from './kinds';

type Props = {
  list: AvailableList;
  /** Null unless it is chosen. */
  draft: Draft | null;
  problem: string | null;
  onChoose: (on: boolean) => void;
  onChange: (draft: Draft) => void;
};

export function ListRow({ list, draft, problem, onChoose, onChange }: Props) {
  const { name, kind, members, active, kept } = list;
  const facts = [
    kindInWords(kind),
    members !== null && `${number(members)} ${members === 1 ? 'member' : 'members'}`,
    !active && 'switched off in the CRM',
  ].filter(Boolean);
  return (
    <li className="flex flex-col gap-2 p-3 -outline-offset-2!">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Checkbox
          isSelected={draft !== null || kept !== null}
          isDisabled={kept !== null || list.problem !== null}
          onChange={onChoose}
        >
          <span className={`font-medium wrap-anywhere ${list.problem === null ? '' : 'text-muted'}`}>{name}</span>
        </Checkbox>
        <span className="text-muted text-[13px]">{facts.join(' · ')}</span>
        {kept !== null && <Badge tone="success">Keeps a tag already</Badge>}
      </div>
      {list.problem !== null && <p className="text-warning pl-6.5 text-[13px]">Cannot be chosen. {list.problem}</p>}
      {list.caution !== null && <p className="text-warning pl-6.5 text-[13px]">{list.caution}</p>}
      {draft && (
        <div className="flex max-w-lg flex-col gap-2 pl-6.5">
          <TextField
            label={
              <>
                Tag<span className="sr-only"> of {name}</span>
              </>
            }
            value={draft.tagName}
            onChange={(tagName) => onChange({ ...draft, tagName })}
            error={problem ?? undefined}
          />
          {asks(draft) && draft.existing && (
            <div className="bg-warning-soft flex flex-col gap-2 rounded-md px-3 py-2">
              <p>
                There is a tag <TagLink tag={draft.existing} /> already, with {people(draft.existing.people)}. Use it?
                They keep it, even when they leave the list. The list adds its own people, and takes the tag off these
                only.
              </p>
              <Checkbox
                isSelected={draft.useExisting === true}
                onChange={(useExisting) => onChange({ ...draft, useExisting })}
              >
                Use this tag
              </Checkbox>
            </div>
          )}
        </div>
      )}
    </li>
  );
}
