'use client';
// Two people who may be one, side by side in short, with the reason in words.
import clsx from 'clsx';
import { Link } from '@/components/ui/link';
import { Merge } from 'lucide-react';
import type { ReactNode } from 'react';
import { TagName } from '@/components/tags/tag-chip';
import { colouredFirst } from '@/components/tags/tag-colour';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { displayValue } from '@/lib/attributes/display';
import type { Attribute } from '@/lib/attributes/schema';
import type { DuplicatePair, DuplicateSide } from '@/lib/duplicates/schema';
import { matchInWords } from './words';

const TAGS_SHOWN = 4;
/** Always shown, if either has a value. */
const IN_SHORT = ['email', 'mobile', 'crmid', 'birthdate'];

type Props = {
  slug: string;
  pair: DuplicatePair;
  attributes: readonly Attribute[];
  /** The list's own address, to which the merge returns. */
  path: string;
  pending: boolean;
  onDecide: () => void;
};

export function PairCard({ slug, pair, attributes, path, pending, onDecide }: Props) {
  const { first, second, matches, dismissed } = pair;
  const id = `pair-${first.id}-${second.id}`;
  const merge = `/${slug}/profiles/${first.id}/merge/${second.id}?${new URLSearchParams({ back: path })}`;
  return (
    <article tabIndex={-1} aria-labelledby={id} className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 id={id} className="sr-only">
        {first.name} and {second.name}
      </h2>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 font-medium" aria-label="In common">
        {matches.map((match) => (
          <li key={match.reason}>{matchInWords(match)}</li>
        ))}
        {matches.length === 0 && <li className="text-muted">Nothing in common any more</li>}
      </ul>
      <div className="grid grid-cols-2 gap-x-4 md:grid-cols-[8rem_1fr_1fr] md:gap-y-1.5">
        <span className="hidden md:block" />
        {[first, second].map((side) => (
          <p key={side.id} className="min-w-0 font-semibold wrap-anywhere">
            <Link href={`/${slug}/profiles/${side.id}`} className="hover:underline">
              <bdi>{side.name}</bdi>
            </Link>
          </p>
        ))}
        {shownAttributes(pair, attributes).map((attribute) => (
          <Row key={attribute.code} name={attribute.name}>
            {[first, second].map((side, index) => (
              <Value
                key={side.id}
                text={displayValue(attribute.type, side.attributes[attribute.code])}
                common={matches.some((match) => (index === 0 ? match.first : match.second).code === attribute.code)}
              />
            ))}
          </Row>
        ))}
        {first.tags.length + second.tags.length > 0 && (
          <Row name="Tags">
            {[first, second].map((side) => (
              <Tags key={side.id} tags={side.tags} />
            ))}
          </Row>
        )}
        <Row name="Added">
          {[first, second].map((side) => (
            <span key={side.id}>
              <DateTime value={side.createdAt} />
            </span>
          ))}
        </Row>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <ButtonLink href={merge}>
          <Merge aria-hidden className="size-4" /> Merge…
        </ButtonLink>
        <Button isPending={pending} onPress={onDecide}>
          {dismissed ? 'They may be the same person' : 'Not the same person'}
        </Button>
        {dismissed && (
          <span className="text-muted text-[13px]">
            Not the same person, says {dismissed.by ?? 'somebody who has left'}, <DateTime value={dismissed.at} />
          </span>
        )}
      </div>
    </article>
  );
}

function shownAttributes({ first, second, matches }: DuplicatePair, attributes: readonly Attribute[]): Attribute[] {
  const common = matches.flatMap((match) => [match.first.code, match.second.code]);
  const has = ({ attributes: values }: DuplicateSide, code: string) => (values[code] ?? '') !== '';
  return attributes.filter(
    ({ code }) => (IN_SHORT.includes(code) || common.includes(code)) && (has(first, code) || has(second, code)),
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <span className="text-muted col-span-2 mt-1.5 text-[13px] md:col-span-1 md:mt-0 md:pt-0.5">{name}</span>
      {children}
    </>
  );
}

function Tags({ tags }: Pick<DuplicateSide, 'tags'>) {
  const sorted = colouredFirst(tags);
  const others = sorted.slice(TAGS_SHOWN);
  if (tags.length === 0) return <Value text="" />;
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-1">
      {sorted.slice(0, TAGS_SHOWN).map((tag) => (
        <TagName key={tag.id} tag={tag} />
      ))}
      {others.length > 0 && (
        <span className="text-muted text-[13px]" title={others.map(({ name }) => name).join(', ')}>
          {`and ${others.length} more`}
        </span>
      )}
    </span>
  );
}

/** `common`: it is what the two have in common. */
function Value({ text, common = false }: { text: string; common?: boolean }) {
  if (text === '') return <span className="text-muted">–</span>;
  return (
    <span className="min-w-0 wrap-anywhere">
      <bdi className={clsx(common && 'bg-accent-soft -mx-1 rounded px-1')}>{text}</bdi>
    </span>
  );
}
