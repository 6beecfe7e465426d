'use client';
// As whom a test is written.
import { X } from 'lucide-react';
import { useState } from 'react';
import { ProfileFinder, type FoundProfile } from '@/components/profiles/profile-finder';
import { Button, IconButton } from '@/components/ui/button';

/** `person`: null for somebody of whom nothing is known. */
type Props = { slug: string; person: FoundProfile | null; onChange: (person: FoundProfile | null) => void };

export function AsWhom({ slug, person, onChange }: Props) {
  const [finding, setFinding] = useState(false);
  return (
    <div className="flex flex-col gap-1">
      <p className="text-[13px] font-medium">Written as for</p>
      {person ? (
        <p className="flex items-center gap-1">
          <bdi className="min-w-0 truncate">{person.name}</bdi>
          <IconButton label="As for somebody of whom nothing is known" onPress={() => onChange(null)}>
            <X aria-hidden className="size-4" />
          </IconButton>
        </p>
      ) : finding ? (
        <ProfileFinder
          slug={slug}
          label="Written as for whom?"
          onChoose={(found) => {
            onChange(found);
            setFinding(false);
          }}
        />
      ) : (
        <p className="flex flex-wrap items-center gap-2">
          Somebody of whom nothing is known
          <Button size="small" onPress={() => setFinding(true)}>
            Choose a person…
          </Button>
        </p>
      )}
      <p className="text-muted text-[13px]">
        It has that person’s values and tags, as in what will be sent. Its links act on nobody, and it is not counted.
      </p>
    </div>
  );
}
