// What there is to know of a tag, in short.
import type { ReactNode } from 'react';
import { CopyField } from '@/components/ui/copy-field';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { UsedIn } from '@/components/used-in/used-in';
import type { KeepingList } from '@/lib/integrations/kept-by';
import type { TagDetails } from '@/lib/tags/schema';
import type { UsersOfThing } from '@/lib/used-in/queries';

type Props = { slug: string; tag: TagDetails; usedIn: UsersOfThing[]; lists: readonly KeepingList[] };

export function TagFacts({ slug, tag, usedIn, lists }: Props) {
  return (
    <section className={`${cardClass} flex flex-col gap-3 p-4`} aria-label="Facts">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2">
        <Fact name="Profiles">{tag.profiles.toLocaleString('en-GB')}</Fact>
        <Fact name="Last applied">{tag.lastApplied ? <DateTime value={tag.lastApplied} /> : 'never'}</Fact>
        <Fact name="Used in">
          <UsedIn slug={slug} name={tag.name} usedIn={usedIn} />
        </Fact>
        <Fact name="Owner">
          {tag.ownerNote ? (
            <span className="wrap-anywhere whitespace-pre-line">{tag.ownerNote}</span>
          ) : (
            <span className="text-muted">nobody is named</span>
          )}
        </Fact>
        <Fact name="Managed by">
          {lists.length === 0
            ? 'Tagwell'
            : lists.length === 1
              ? 'an integration'
              : `${lists.length} lists of integrations`}
        </Fact>
        <Fact name="Created">
          <DateTime value={tag.createdAt} exact /> by {tag.createdBy ?? 'Tagwell'}
        </Fact>
      </dl>
      <CopyField label="Discriminator" value={tag.discriminator} />
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
