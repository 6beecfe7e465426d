'use client';
// Whom a person may be the same as, below the header of their profile.
import { Users } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { DuplicatePair } from '@/lib/duplicates/schema';
import { useDecision } from '../duplicates/use-decision';
import { matchInWords } from '../duplicates/words';

type Props = { section: { id: SectionId; slug: string }; profileId: ProfileId; pairs: readonly DuplicatePair[] };

export function DuplicatesNotice({ section, profileId, pairs }: Props) {
  const { pending, dismiss } = useDecision(section.id);
  const [deciding, setDeciding] = useState<ProfileId | null>(null);

  async function decide(pair: DuplicatePair, otherId: ProfileId) {
    setDeciding(otherId);
    // The line goes, and its button with it.
    if (await dismiss(pair)) document.getElementById('main')?.focus();
  }

  return (
    <section aria-label="Possible duplicates" className={`${cardClass} mb-4 px-4 py-2`}>
      <ul className="divide-line divide-y">
        {pairs.map((pair) => {
          const other = pair.first.id === profileId ? pair.second : pair.first;
          return (
            <li key={other.id} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 py-2">
              <span className="min-w-0 flex-1 basis-72 wrap-anywhere">
                <Users aria-hidden className="text-muted mr-2 inline size-4 align-[-3px]" />
                May be the same person as{' '}
                <Link href={`/${section.slug}/profiles/${other.id}`} className="font-medium underline">
                  <bdi>{other.name}</bdi>
                </Link>
                <span className="text-muted"> · {pair.matches.map(matchInWords).join(' · ')}</span>
              </span>
              <ButtonLink size="small" href={`/${section.slug}/profiles/${profileId}/merge/${other.id}`}>
                Compare and merge…
              </ButtonLink>
              <Button
                size="small"
                isPending={pending && deciding === other.id}
                onPress={() => void decide(pair, other.id)}
              >
                Not the same person
              </Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
