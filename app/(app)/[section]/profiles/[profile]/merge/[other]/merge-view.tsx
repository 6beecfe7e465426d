'use client';
// What each of two profiles has, which value remains where they differ, and the merge.
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { useState, useTransition, type ReactNode } from 'react';
import { TagName } from '@/components/tags/tag-chip';
import { Breakable } from '@/components/ui/breakable';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Banner, cardClass, PageHeader } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { Attribute } from '@/lib/attributes/schema';
import { CHANNEL_NAMES, CONSENT_WORDS } from '@/lib/consents/words';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { KeptBecause, MergePreview, MergeSide } from '@/lib/people/merge-two';
import type { Keyspace } from '@/lib/profiles/schema';
import { mergeTwoProfilesAction } from '../../../actions';
import { Choice } from './choice';
import { ConfirmMerge } from './confirm-merge';
import { distinctNames, isConflict, mergedFields, type Side } from './fields';

type Props = {
  section: { id: SectionId; slug: string };
  /** The list of possible duplicates to return to; null: the merged profile is shown. */
  list: string | null;
  preview: MergePreview;
  attributes: Attribute[];
  keyspaces: Keyspace[];
};

const REASONS: Record<KeptBecause, string> = {
  chosen: 'Remains, as you chose',
  seen: 'Remains: seen more recently',
  tags: 'Remains: has more tags',
  older: 'Remains: added first',
};

export function MergeView({ section, list, preview, attributes, keyspaces }: Props) {
  const { into, from, because, consents } = preview;
  const router = useRouter();
  const toast = useToast();
  /** Whose value of a field remains: by profile, so that a choice stays when the other profile is to be kept. */
  const [chosen, setChosen] = useState<Record<string, ProfileId>>({});
  const [swapping, startSwap] = useTransition();
  const [asking, setAsking] = useState(false);
  const { refusal, pending, send } = useSubmission({ leaves: true });
  const fields = mergedFields(preview, attributes, keyspaces);
  const names = distinctNames(preview, fields);
  const conflicts = fields.filter(isConflict);
  const others = fields.filter((field) => !isConflict(field));
  const take = conflicts.filter(({ code }) => chosen[code] === from.id).map(({ code }) => code);
  const remaining = (refusal?.details as { profileId?: number } | undefined)?.profileId;

  function keepOther() {
    const address = new URLSearchParams({ keep: String(from.id), ...(list !== null && { back: list }) });
    startSwap(() => router.replace(`?${address}`, { scroll: false }));
  }

  async function merge() {
    const result = await send(mergeTwoProfilesAction, {
      sectionId: section.id,
      into: into.id,
      from: from.id,
      take,
      seen: { into: into.updatedAt, from: from.updatedAt },
    });
    setAsking(false);
    if (!result.ok) {
      // Shows what others have changed, beside what was chosen.
      if (result.refusal.code === 'conflict') router.refresh();
      return;
    }
    const profile = `/${section.slug}/profiles/${result.value.into}`;
    toast(
      `“${names.from}” is now part of “${names.into}”`,
      list === null ? {} : { action: { label: 'Open', run: () => router.push(profile) } },
    );
    // Back leads neither to this form nor to a list or profile as it was before the merge.
    router.replace(list ?? profile);
    router.refresh();
  }

  return (
    <>
      <PageHeader
        title="Merge two profiles"
        actions={<ButtonLink href={list ?? `/${section.slug}/profiles/${into.id}`}>Cancel</ButtonLink>}
      >
        Two entries of one person become one. Where they differ, choose the value that remains.
      </PageHeader>
      {refusal && (
        <div className="mb-4">
          <Banner tone="danger">
            {refusal.message}{' '}
            {remaining !== undefined && (
              <Link href={`/${section.slug}/profiles/${remaining}`} className="underline">
                Open the profile
              </Link>
            )}
          </Banner>
        </div>
      )}
      <div className="flex flex-col gap-4">
        <section className={`${cardClass} flex flex-col gap-3 p-4`} aria-label="Values">
          <div className="grid grid-cols-2 gap-2 md:grid-cols-[10rem_1fr_1fr]">
            <span className="hidden md:block" />
            <SideHead slug={section.slug} side={into} name={names.into} role={REASONS[because]} />
            <SideHead slug={section.slug} side={from} name={names.from} role="Becomes part of it">
              <Button size="small" isPending={swapping} onPress={keepOther}>
                Keep this one instead
              </Button>
            </SideHead>
          </div>
          {conflicts.length === 0 && <p className="text-muted">The two do not differ in any value.</p>}
          {conflicts.map((field) => (
            <Choice
              key={field.code}
              field={field}
              value={chosen[field.code] === from.id ? 'from' : 'into'}
              onChange={(side) => setChosen((all) => ({ ...all, [field.code]: preview[side].id }))}
            />
          ))}
          {conflicts.some(({ isKey }) => isKey) && (
            <p className="text-muted text-[13px]">
              A profile has one key of each kind: the other one is kept in the timeline only, and an import or API call
              that uses it creates a new profile.
            </p>
          )}
        </section>
        <section className={`${cardClass} p-4`} aria-labelledby="kept">
          <h2 id="kept" className="mb-2 font-semibold">
            What remains of both
          </h2>
          <dl className="grid gap-x-4 gap-y-2 md:grid-cols-[10rem_1fr]">
            {others.map((field) => (
              <Kept key={field.code} name={field.name}>
                <bdi>
                  <Breakable text={field.into || field.from} />
                </bdi>
                <Origin field={field} names={names} />
              </Kept>
            ))}
            <Kept name="Tags">
              <AllTags into={into} from={from} nameOfFrom={names.from} />
            </Kept>
            {consents.map(({ topic, channel, remains, ...sides }) => (
              <Kept key={`${topic} ${channel}`} name={`Consent: ${topic}, ${CHANNEL_NAMES[channel]}`}>
                {CONSENT_WORDS[remains]}
                {sides.into !== null && sides.from !== null && sides.into !== sides.from && (
                  <span className="text-muted"> · the stricter of the two remains</span>
                )}
              </Kept>
            ))}
            <Kept name="Notes">{countOf(into.notes + from.notes, 'all of them stay')}</Kept>
            <Kept name="Events">{countOf(into.events + from.events, 'in one timeline')}</Kept>
            <Kept name="Segments">Worked out again from the merged values, tags and events</Kept>
          </dl>
        </section>
        <div className="flex flex-wrap items-center justify-between gap-3 pb-6">
          <p className="text-muted max-w-prose">
            A merge cannot be undone. The timeline says which values were given up, and links to the other entry lead to
            this one.
          </p>
          <Button variant="primary" isPending={pending} isDisabled={swapping} onPress={() => setAsking(true)}>
            Merge…
          </Button>
        </div>
      </div>
      {asking && (
        <ConfirmMerge
          into={names.into}
          from={names.from}
          isPending={pending}
          onClose={() => setAsking(false)}
          onMerge={() => void merge()}
        />
      )}
    </>
  );
}

type HeadProps = { slug: string; side: MergeSide; name: string; role: string; children?: ReactNode };

function SideHead({ slug, side, name, role, children }: HeadProps) {
  return (
    <div className="min-w-0">
      <p className="text-muted text-[13px]">{role}</p>
      <p className="font-semibold wrap-anywhere">
        <Link href={`/${slug}/profiles/${side.id}`} className="hover:underline">
          <bdi>
            <Breakable text={name} />
          </bdi>
        </Link>
      </p>
      <p className="text-muted text-[13px]">
        {side.lastSeen ? (
          <>
            Last seen <DateTime value={side.lastSeen} exact />
          </>
        ) : (
          'Never seen'
        )}
        {` · ${side.tags.length} ${side.tags.length === 1 ? 'tag' : 'tags'} · added `}
        <DateTime value={side.createdAt} exact />
      </p>
      {children && <div className="mt-1.5">{children}</div>}
    </div>
  );
}

function Kept({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted text-[13px] wrap-anywhere md:pt-0.5">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

type OriginProps = { field: Record<Side, string>; names: Record<Side, string> };

function Origin({ field, names }: OriginProps) {
  if (field.into !== '' && field.from !== '') return null;
  return (
    <span className="text-muted text-[13px]">
      {' '}
      · only <bdi>{field.into === '' ? names.from : names.into}</bdi> has it
    </span>
  );
}

const countOf = (count: number, what: string) =>
  count === 0 ? <span className="text-muted">None</span> : `${count.toLocaleString('en-GB')}, ${what}`;

function AllTags({ into, from, nameOfFrom }: { into: MergeSide; from: MergeSide; nameOfFrom: string }) {
  const brought = from.tags.filter(({ id }) => !into.tags.some((tag) => tag.id === id));
  const all = [...into.tags, ...brought].sort((one, other) => one.name.localeCompare(other.name));
  if (all.length === 0) return <span className="text-muted">Neither has a tag.</span>;
  return (
    <>
      <span className="flex flex-wrap gap-1">
        {all.map((tag) => (
          <TagName key={tag.id} tag={tag} />
        ))}
      </span>
      {brought.length > 0 && (
        <span className="text-muted text-[13px]">
          {brought.map(({ name }) => name).join(', ')} {brought.length === 1 ? 'comes' : 'come'} from{' '}
          <bdi>{nameOfFrom}</bdi>
        </span>
      )}
    </>
  );
}
