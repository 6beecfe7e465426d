'use client';
// Chooses tags, segments and messages that have gone out: type a few letters, press Enter, go on.
import clsx from 'clsx';
import { Check, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { TagWhereabouts } from '@/components/tags/tag-whereabouts';
import { useTagFinder } from '@/components/tags/use-tag-finder';
import { useTagNamed } from '@/components/tags/use-tags';
import { Button } from '@/components/ui/button';
import { FindList } from '@/components/ui/find-list';
import { popoverClass } from '@/components/ui/popover-class';
import { isSamePart, type AudiencePart } from '@/lib/audience/schema';
import { matchScore, searchable } from '@/lib/naming/word-search';
import type { AudienceChoices } from '@/lib/audience/reads';
import type { TagOption } from '@/lib/tags/schema';
import { PART_ICONS } from './part-icons';
import { useAudienceChoices } from './use-audience';

type Entry = { part: AudiencePart; name: string; hint: string; score: number };

/** Before anything is typed, tags must not crowd out the segments. */
const TAGS_AT_FIRST = 6;

type Props = {
  slug: string;
  /** Of the button, and of the list. */
  label: string;
  chosen: readonly AudiencePart[];
  /** Adds it, or removes it if it is chosen. */
  onToggle: (part: AudiencePart) => void;
  buttonRef: React.RefObject<HTMLButtonElement | null>;
};

export function PartPicker({ slug, label, chosen, onToggle, buttonRef }: Props) {
  return (
    <DialogTrigger>
      <Button size="small" ref={buttonRef}>
        <Plus aria-hidden className="size-3.5" />
        {label}
      </Button>
      <Popover placement="bottom start" className={`${popoverClass} w-96 max-w-[calc(100vw-1.5rem)]`}>
        <Dialog aria-label={label} className="outline-none">
          <PartList slug={slug} label={label} chosen={chosen} onToggle={onToggle} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function PartList({ slug, label, chosen, onToggle }: Omit<Props, 'buttonRef'>) {
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const finder = useTagFinder(slug, text, { canCreate: false });
  const tagNamed = useTagNamed(slug);
  const choices = useAudienceChoices(slug);
  const { tags } = finder;
  const searching = text.trim() !== '';
  const found = finder.entries.flatMap((entry) => (entry.kind === 'tag' ? [entry.tag] : []));
  // Nothing is offered that would move down when the tags have come.
  const entries = tags.isPending && !searching ? [] : entriesFor(text, found, choices.data);
  const isChosen = (part: AudiencePart) => chosen.some((other) => isSamePart(part, other));

  function choose(part: AudiencePart) {
    onToggle(part);
    // The next text replaces what found this one.
    if (document.activeElement === input.current) input.current?.select();
  }

  /** Enter before the answer chooses what has exactly that name. */
  async function chooseEarly() {
    const exact = entries.find(({ part, score }) => part.kind !== 'tag' && score === 5);
    const tag = exact ? undefined : await tagNamed(text);
    if (input.current?.value !== text) return;
    if (exact) choose(exact.part);
    else if (tag) choose({ kind: 'tag', id: tag.id });
  }

  return (
    <FindList
      label={label}
      placeholder="A tag, a segment, or a message that went out"
      inputRef={input}
      text={text}
      onText={(next) => {
        finder.searchAhead(next);
        setText(next);
      }}
      listKey={finder.listKey}
      entries={entries}
      entryKey={({ part }) => `${part.kind} ${part.id}`}
      isSelected={({ part }) => isChosen(part)}
      show={({ part, name, hint }) => {
        const Icon = PART_ICONS[part.kind];
        return (
          <>
            <span
              aria-hidden
              className={clsx(
                'flex size-4 shrink-0 items-center justify-center rounded border',
                isChosen(part) ? 'border-accent bg-accent text-on-accent' : 'border-line-strong',
              )}
            >
              {isChosen(part) && <Check className="size-3" strokeWidth={3} />}
            </span>
            <Icon aria-hidden className="text-muted size-4 shrink-0" />
            <span className="min-w-0 flex-1 wrap-anywhere">
              <bdi>{name}</bdi>
            </span>
            <span className="text-muted shrink-0 text-xs">{hint}</span>
          </>
        );
      }}
      onChoose={({ part }) => choose(part)}
      isWaiting={finder.isWaiting && searching}
      onEnterEarly={() => void chooseEarly().catch(() => undefined)}
      // A second Enter after a choice must not take the first of all.
      entersOnlyMoved={!searching}
      autoFocus
      status={
        <>
          {tags.isError && `The tags could not be loaded. ${tags.error?.message}`}
          {choices.isError && `The segments could not be loaded. ${choices.error.message}`}
          {!tags.isError && tags.isPending && (searching ? 'Searching…' : 'Loading tags…')}
          {finder.unknown && entries.length === 0 && <TagWhereabouts slug={slug} name={text} />}
          {!searching &&
            (tags.total ?? 0) > TAGS_AT_FIRST &&
            `Type to find any of ${tags.total?.toLocaleString('en-GB')} tags.`}
        </>
      }
    />
  );
}

/** Best first; where names match equally well, segments and messages are first, since they are fewer than tags. */
function entriesFor(text: string, tags: readonly TagOption[], choices: AudienceChoices | undefined): Entry[] {
  const wanted = searchable(text);
  const score = (name: string) => matchScore(wanted, searchable(name));
  const tagEntries = (of: readonly TagOption[]) =>
    of.map(({ id, name, profiles }): Entry => {
      const hint = `Tag · ${profiles.toLocaleString('en-GB')}`;
      return { part: { kind: 'tag', id }, name, hint, score: score(name) };
    });
  const segments = (choices?.segments ?? [])
    .filter(({ attention }) => !attention)
    .map(({ id, name }): Entry => ({ part: { kind: 'segment', id }, name, hint: 'Segment', score: score(name) }));
  const messages = (choices?.messages ?? []).map(({ id, name }): Entry => ({
    part: { kind: 'message', id },
    name,
    hint: 'Got the message',
    score: score(name),
  }));
  const others = [...segments, ...messages].filter((entry) => entry.score > 0);
  if (wanted.key === '') return [...tagEntries(firstTags(tags)), ...others];
  return [...others, ...tagEntries(tags)].sort((left, right) => right.score - left.score);
}

/** Favourites, then the largest. */
const firstTags = (tags: readonly TagOption[]): TagOption[] =>
  tags
    .toSorted((left, right) => Number(right.favourite) - Number(left.favourite) || right.profiles - left.profiles)
    .slice(0, TAGS_AT_FIRST);
