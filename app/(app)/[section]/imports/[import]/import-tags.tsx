'use client';
// The tags that an import was to apply and remove; if it applied none, a way to tag the imported people.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { TagLink } from '@/components/tags/tag-chip';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import type { SectionId } from '@/lib/db/ids';
import type { OperationView } from '@/lib/activity/schema';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import type { TagLabel } from '@/lib/tags/schema';
import { BulkTagDialog } from '../../profiles/bulk-tag-dialog';

/** `columns`: names of the file's columns that name tags. `unused`: tags created for the import that no profile has. */
export type MappedTags = { apply: TagLabel[]; remove: TagLabel[]; columns: string[]; unused: TagLabel[] };

export function ImportTags({ tags }: { tags: MappedTags }) {
  if (tags.apply.length + tags.remove.length + tags.columns.length === 0) return null;
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-2">
      <TagLine label="Tags to apply" tags={tags.apply} />
      <TagLine label="Tags to remove" tags={tags.remove} />
      <TagLine label="New tags that no profile has" tags={tags.unused} />
      {tags.columns.length > 0 && (
        <div className="flex flex-wrap items-center gap-2">
          <dt className="text-muted text-[13px]">Tags by row</dt>
          <dd>as {tags.columns.map((name) => `“${name}”`).join(', ')} says</dd>
        </div>
      )}
    </dl>
  );
}

function TagLine({ label, tags }: { label: string; tags: TagLabel[] }) {
  if (tags.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <dt className="text-muted text-[13px]">{label}</dt>
      <dd className="flex flex-wrap gap-1.5">
        {tags.map((tag) => (
          <TagLink key={tag.id} tag={tag} />
        ))}
      </dd>
    </div>
  );
}

type NoTagProps = { section: { id: SectionId; slug: string }; operation: OperationView };

/** Renders nothing if a tag was applied, was already present or was removed. */
export function NoTagApplied({ section, operation }: NoTagProps) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [tagged, setTagged] = useState(false);
  const count = (key: string) => operation.counts[key] ?? 0;
  const people = count('created') + count('updated');
  if (count('applied') + count('already') + count('removed') > 0 || tagged) return null;
  const filter = ProfileFilterSchema.parse({ changedBy: { operationId: operation.id, effect: 'saved' } });
  return (
    <Banner tone="warning">
      <span className="flex flex-wrap items-center justify-between gap-2">
        <span>
          <strong>No tag was applied.</strong>{' '}
          {people > 0
            ? 'Without a tag these people are hard to find again.'
            : 'No profile was created or changed. To tag them, run the file again with a tag.'}
        </span>
        {people > 0 && (
          <Button size="small" onPress={() => setOpen(true)}>
            {people === 1 ? 'Tag this person…' : `Tag these ${people.toLocaleString('en-GB')}…`}
          </Button>
        )}
      </span>
      {open && (
        <BulkTagDialog
          section={section}
          selection={{ kind: 'all', filter }}
          size={people}
          onStarted={() => setTagged(true)}
          onChanged={() => router.refresh()}
          onClose={() => setOpen(false)}
        />
      )}
    </Banner>
  );
}
