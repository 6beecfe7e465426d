'use client';
// The members: now, at the end of a day, or who came and went between two days.
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { Suspense, use, useState, useTransition } from 'react';
import { Banner, cardClass, EmptyState } from '@/components/ui/display';
import { ButtonLink } from '@/components/ui/button';
import { InlineInput, InlineSelect, Word } from '@/components/ui/inline';
import { NewerOlder } from '@/components/ui/newer-older';
import type { ProfileId, SectionId, SegmentId } from '@/lib/db/ids';
import type { BulkSelection } from '@/lib/operations/bulk-tag';
import type { Keyspace } from '@/lib/profiles/schema';
import { BulkBar } from '../../profiles/bulk-bar';
import { ProfilesTable } from '../../profiles/profiles-table';
import { memberParsers, type Difference, type Later, type Members } from './member-params';
import { WhyButton } from './why-button';

type Props = {
  section: { id: SectionId; slug: string };
  segmentId: SegmentId;
  keyspaces: Keyspace[];
  timeZone: string;
  members: Members;
};

const VIEWS = [
  { value: 'now' as const, label: 'now' },
  { value: 'then' as const, label: 'as of a date' },
  { value: 'compare' as const, label: 'between two dates' },
];

export function MembersView({ section, segmentId, keyspaces, timeZone, members }: Props) {
  const router = useRouter();
  const [waiting, startTransition] = useTransition();
  const [params, setParams] = useQueryStates(memberParsers, { shallow: false, startTransition });
  const [selected, setSelected] = useState<ReadonlySet<ProfileId>>(new Set());
  const [all, setAll] = useState(false);
  const { view, which } = params;
  const { page } = members;
  const clear = () => {
    setSelected(new Set());
    setAll(false);
  };
  const ask = (next: Partial<typeof params>) => {
    clear();
    void setParams({ before: null, after: null, ...next });
  };
  const date = (field: 'at' | 'from' | 'to', label: string) => (
    <InlineInput
      id={`members-${field}`}
      type="date"
      width="w-36"
      label={label}
      value={params[field]}
      onChange={(day) => ask({ [field]: day })}
    />
  );
  const selection: BulkSelection | null = all
    ? { kind: 'segment', segmentId }
    : selected.size > 0
      ? { kind: 'ids', ids: [...selected] }
      : null;
  const count = members.kind === 'list' ? members.count : null;

  return (
    <section className={`${cardClass} overflow-hidden`} aria-labelledby="members">
      <div className="border-line flex flex-wrap items-center gap-x-3 gap-y-2 border-b px-4 py-3">
        <h2 id="members" className="font-semibold">
          Members
        </h2>
        <span className="flex flex-wrap items-center gap-1.5">
          <InlineSelect label="When" value={view} options={VIEWS} onChange={(next) => ask({ view: next })} />
          {view === 'then' && date('at', 'As of')}
          {view === 'compare' && (
            <>
              {date('from', 'From')} <Word>and</Word> {date('to', 'To')}
            </>
          )}
        </span>
        <span className="min-w-0 flex-1 basis-28" aria-live="polite">
          {count && (
            <Suspense key={JSON.stringify([view, params.at])} fallback="Counting …">
              <Total count={count} past={view === 'then'} />
            </Suspense>
          )}
        </span>
        <WhyButton slug={section.slug} segmentId={segmentId} at={view === 'then' ? params.at : ''} />
      </div>
      {members.kind === 'dates' && (
        <EmptyState title={view === 'then' ? 'Choose a date' : 'Choose two dates'}>
          {members.message ??
            'Tags and events are taken as they were at the end of that day, from the history; attributes and keys as they are now.'}
        </EmptyState>
      )}
      {members.kind === 'difference' && (
        <Suspense key={`${params.from} ${params.to}`} fallback={<p className="text-muted p-4">Comparing …</p>}>
          <Compared difference={members.difference} which={which} onChoose={(next) => ask({ which: next })} />
        </Suspense>
      )}
      {view !== 'now' && members.kind !== 'dates' && (
        <p className="text-muted px-4 pt-2 text-[13px]">
          As it was at the end of the day in {timeZone.replaceAll('_', ' ')}. Attributes and keys are taken as they are
          now, since only tags and events have a history that can be asked.
        </p>
      )}
      <div className={waiting ? 'opacity-60' : ''} aria-busy={waiting}>
        {members.kind !== 'dates' && page.profiles.length === 0 && (
          <EmptyState
            title={
              members.kind === 'difference' ? `Nobody ${which === 'came' ? 'came in' : 'went out'}` : 'Nobody is in it'
            }
            action={
              view === 'now' && (
                <ButtonLink href={`/${section.slug}/segments/${segmentId}/edit`}>Look at the rules</ButtonLink>
              )
            }
          >
            {view === 'now' && 'Ask why of somebody whom you expected here.'}
          </EmptyState>
        )}
        {page.profiles.length > 0 && (
          <ProfilesTable
            slug={section.slug}
            profiles={page.profiles}
            keyspaces={keyspaces}
            selected={all ? new Set(page.profiles.map(({ id }) => id)) : selected}
            onSelect={(next) => {
              setAll(false);
              setSelected(next);
            }}
            more={(profile) => ({
              href: `/${section.slug}/segments/${segmentId}/why/${profile.id}${view === 'then' ? `?at=${params.at}` : ''}`,
              label: 'Why?',
            })}
          />
        )}
      </div>
      <NewerOlder
        newer={page.newer}
        older={page.older}
        className="border-line border-t px-4 py-2"
        onGo={(next) => void setParams(next)}
      />
      {selection && (
        <Suspense>
          <BulkBar
            section={section}
            selection={selection}
            chosen={all ? null : selected.size}
            count={countOr(count, selected.size)}
            pageIsSelected={view === 'now' && !all && page.profiles.every(({ id }) => selected.has(id))}
            onSelectAll={() => setAll(true)}
            onClear={clear}
            onChanged={() => router.refresh()}
          />
        </Suspense>
      )}
    </section>
  );
}

const counts = new WeakMap<object, Promise<number>>();
const NONE = Promise.resolve(0);

/** The count as a plain number for the bar; the same promise for the same count, as React wants it. */
function countOr(count: Later<number> | null, otherwise: number): Promise<number> {
  if (!count) return NONE;
  let plain = counts.get(count);
  if (!plain) {
    plain = count.then((counted) => (counted.ok ? counted.value : otherwise));
    counts.set(count, plain);
  }
  return plain;
}

function Total({ count, past }: { count: Later<number>; past: boolean }) {
  const counted = use(count);
  if (!counted.ok) return <span className="text-danger">{counted.message}</span>;
  const { value } = counted;
  return (
    <>
      <strong className="font-semibold tabular-nums">{value.toLocaleString('en-GB')}</strong>{' '}
      {value === 1 ? 'profile' : 'profiles'} {past && (value === 1 ? 'was in it' : 'were in it')}
    </>
  );
}

type ComparedProps = {
  difference: Later<Difference>;
  which: 'came' | 'went';
  onChoose: (which: 'came' | 'went') => void;
};

function Compared({ difference, which, onChoose }: ComparedProps) {
  const compared = use(difference);
  if (!compared.ok) {
    return (
      <div className="p-4">
        <Banner tone="danger">{compared.message}</Banner>
      </div>
    );
  }
  const { before, after, came, went } = compared.value;
  const number = (value: number) => value.toLocaleString('en-GB');
  const choice = (key: 'came' | 'went', words: string) => (
    <button
      type="button"
      aria-pressed={which === key}
      onClick={() => onChoose(key)}
      className={`rounded-md border px-3 py-1.5 ${which === key ? 'border-accent bg-accent-soft text-accent-ink font-medium' : 'border-line-strong hover:bg-hover'}`}
    >
      {words}
    </button>
  );
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 pt-3">
      <span className="tabular-nums">
        {number(before)} → {number(after)}:
      </span>
      {choice('came', `${number(came)} came in`)}
      {choice('went', `${number(went)} went out`)}
    </div>
  );
}
