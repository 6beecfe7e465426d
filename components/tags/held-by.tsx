'use client';
// What holds a tag on a profile, if integration lists do, and what removing it does.
import { useParams } from 'next/navigation';
import { Fragment } from 'react';
import { Link } from '@/components/ui/link';
import type { HeldTag } from '@/lib/profiles/schema';
import { setInWords } from '@/lib/tags/claim-words';

/** 'Held by Shop: Trade Show and Shop: Newsletter, and also set by hand.' Nothing if no list holds it. */
export function HeldBy({ tag: { lists, alsoSet } }: { tag: Pick<HeldTag, 'lists' | 'alsoSet'> }) {
  const { section } = useParams<{ section: string }>();
  if (lists.length === 0) return null;
  return (
    <span className="wrap-anywhere">
      Held by{' '}
      {lists.map(({ name, connectionId }, index) => (
        <Fragment key={`${connectionId} ${name}`}>
          {index > 0 && (index === lists.length - 1 ? ' and ' : ', ')}
          {connectionId === null ? (
            <bdi>{name}</bdi>
          ) : (
            <Link href={`/${section}/settings/integrations/${connectionId}`} className="underline">
              <bdi>{name}</bdi>
            </Link>
          )}
        </Fragment>
      ))}
      {alsoSet !== null && `, and also set ${setInWords(alsoSet)}`}.
    </span>
  );
}
