'use client';
// What is chosen for each tag of a bulk change, and how many profiles it changes.
import { X } from 'lucide-react';
import { useRef } from 'react';
import type { LaterTag } from '@/components/tags/tag-picker';
import { IconButton } from '@/components/ui/button';
import { ToggleRow } from '@/components/ui/toggle-row';
import type { TagId } from '@/lib/db/ids';
import type { HeldTagCount } from '@/lib/operations/held-tags';
import { keepsOffInWords, listsInWords } from '@/lib/tags/claim-words';
import type { BulkTagPreview } from '@/lib/operations/bulk-tag';

export type Choice = { name: string; apply: boolean };
export type Choices = ReadonlyMap<TagId, Choice>;

/** How many profiles a choice changes. */
export function changesOf(preview: BulkTagPreview, id: TagId, { apply }: Choice): number {
  const have = preview.tags.find(({ tagId }) => tagId === id)?.have ?? 0;
  return apply ? preview.profiles - have : have;
}

const WAYS = [
  { value: 'apply', label: 'Apply' },
  { value: 'remove', label: 'Remove' },
] as const;

type Props = {
  choices: Choices;
  /** Tags to apply that are created with the change. */
  fresh: readonly LaterTag[];
  preview: BulkTagPreview | undefined;
  /** The tags that integration lists hold. */
  held: readonly HeldTagCount[];
  /** The preview could not be computed. */
  failed: boolean;
  /** The name of the only person whom it changes. */
  person?: string;
  onChoose: (id: TagId, choice: Choice) => void;
  onDrop: (id: TagId) => void;
  onDropFresh: (name: string) => void;
};

export function BulkTagPlan({ choices, fresh, preview, held, failed, person, onChoose, onDrop, onDropFresh }: Props) {
  const list = useRef<HTMLUListElement>(null);
  // The pressed button goes with its line.
  const focusPicker = () =>
    list.current?.closest('[role=dialog]')?.querySelector<HTMLElement>('[role=combobox]')?.focus();
  if (choices.size + fresh.length === 0) {
    return (
      <p className="text-muted">
        {person
          ? `Choose tags above. A tag that ${person} has is removed, any other is applied, once you press “Apply changes”.`
          : 'Choose tags above. A tag that all of these profiles have is offered for removal, any other is applied; you can change that for each tag before anything happens.'}
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <ul ref={list} aria-label="What will change" className="flex flex-col gap-2">
        {[...choices].map(([id, choice]) => (
          <li key={id} className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <ToggleRow
              label={`What to do with ${choice.name}`}
              value={choice.apply ? 'apply' : 'remove'}
              options={WAYS}
              onChange={(way) => onChoose(id, { ...choice, apply: way === 'apply' })}
            />
            <span className="min-w-40 flex-1 wrap-anywhere" aria-live="polite">
              <bdi>{choice.name}</bdi>: {inWords(preview && changesOf(preview, id, choice), { failed, choice, person })}
              {!choice.apply && <KeptOff held={held.find(({ tagId }) => tagId === id)} person={person} />}
            </span>
            <IconButton
              label={`Leave ${choice.name} as it is`}
              onPress={() => {
                focusPicker();
                onDrop(id);
              }}
            >
              <X aria-hidden className="size-3.5" />
            </IconButton>
          </li>
        ))}
        {fresh.map(({ name }) => (
          <li key={name} className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-40 flex-1 wrap-anywhere">
              <bdi>{name}</bdi>, a new tag: {inWords(preview?.profiles, { failed, person })}
            </span>
            <IconButton
              label={`Leave out ${name}`}
              onPress={() => {
                focusPicker();
                onDropFresh(name);
              }}
            >
              <X aria-hidden className="size-3.5" />
            </IconButton>
          </li>
        ))}
      </ul>
      <p className="text-muted text-[13px]">
        You can undo it afterwards{fresh.length > 0 && '; a tag that it has created stays, on nobody'}.
      </p>
    </div>
  );
}

function KeptOff({ held, person }: { held: HeldTagCount | undefined; person: string | undefined }) {
  if (!held) return null;
  const { profiles, lists } = held;
  if (person) return <span className="text-muted block text-[13px]">{keepsOffInWords(lists)}</span>;
  return (
    <span className="text-muted block text-[13px]">
      {profiles.toLocaleString('en-GB')} {profiles === 1 ? 'has' : 'have'} it from {listsInWords(lists)}. Syncs keep it
      off them until somebody lets them in again.
    </span>
  );
}

type About = { failed: boolean; choice?: Choice; person: string | undefined };

function inWords(changes: number | undefined, { failed, choice, person }: About): string {
  if (changes === undefined) return failed ? 'not counted' : 'counting…';
  if (changes === 0) return 'nothing changes';
  if (person) return choice?.apply === false ? 'will be removed' : 'will be applied';
  return `${changes.toLocaleString('en-GB')} ${changes === 1 ? 'profile changes' : 'profiles change'}`;
}
