'use client';
// The pairs of a page. A decided one leaves the list at once, and the focus goes to the next one.
import { useRef, useState } from 'react';
import { useRememberList } from '@/components/profiles/remembered-list';
import type { Attribute } from '@/lib/attributes/schema';
import type { SectionId } from '@/lib/db/ids';
import type { DuplicatePair } from '@/lib/duplicates/schema';
import { PairCard } from './pair-card';
import { useDecision } from './use-decision';

type Props = {
  section: { id: SectionId; slug: string };
  pairs: readonly DuplicatePair[];
  attributes: readonly Attribute[];
  path: string;
};

const keyOf = ({ first, second, dismissed }: DuplicatePair) => `${first.id} ${second.id} ${dismissed !== null}`;

export function PairList({ section, pairs, attributes, path }: Props) {
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [read, setRead] = useState(pairs);
  if (read !== pairs) {
    // Pairs that the server no longer lists are forgotten: they are shown if they come back.
    setRead(pairs);
    setGone(new Set(pairs.map(keyOf).filter((key) => gone.has(key))));
  }
  const [deciding, setDeciding] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const { pending, dismiss, restore } = useDecision(section.id, (pair) =>
    setGone((all) => new Set([...all].filter((key) => key !== keyOf(pair)))),
  );
  useRememberList(
    section.slug,
    pairs.flatMap(({ first, second }) => [first.id, second.id]),
  );
  const shown = pairs.filter((pair) => !gone.has(keyOf(pair)));

  async function decide(pair: DuplicatePair, index: number) {
    setDeciding(keyOf(pair));
    const done = await (pair.dismissed ? restore(pair) : dismiss(pair));
    setDeciding(null);
    if (!done) return;
    const cards = list.current?.querySelectorAll('article') ?? [];
    (cards[index + 1] ?? cards[index - 1] ?? list.current)?.focus();
    setGone((all) => new Set([...all, keyOf(pair)]));
  }

  return (
    <div ref={list} tabIndex={-1} className="flex flex-col gap-3">
      {shown.map((pair, index) => (
        <PairCard
          key={keyOf(pair)}
          slug={section.slug}
          pair={pair}
          attributes={attributes}
          path={path}
          pending={pending && deciding === keyOf(pair)}
          onDecide={() => void decide(pair, index)}
        />
      ))}
    </div>
  );
}
