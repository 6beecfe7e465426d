'use client';
// The members: now, at the end of a day, or the changes between two days.
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { Suspense, use, useRef, useState, useTransition } from 'react';
import type { Deferred } from '@/app/deferred';
import { Banner, cardClass, EmptyState } from '@/components/ui/display';
import { ButtonLink } from '@/components/ui/button';
import { InlineInput, InlineSelect, Word } from '@/components/ui/inline';
import { NewerOlder } from '@/components/ui/newer-older';
import { Refreshing } from '@/components/ui/refreshing';
import { useWhenOnline } from '@/components/ui/when-online';
import type { ProfileId, SectionId, SegmentId } from '@/lib/db/ids';
import type { BulkSelection } from '@/lib/operations/selection';
import type { Keyspace } from '@/lib/profiles/schema';
import { BulkBar } from '../../profiles/bulk-bar';
import { chosenColumns, columnsOf } from '../../profiles/columns';
import { ProfilesTable, type TableHandle } from '../../profiles/profiles-table';
import { memberParsers, type Difference, type Members } from './member-params';
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
  /** The number of members when all of them were selected. */
  const [all, setAll] = useState<number | null>(null);
  const table = useRef<TableHandle>(null);
  const columns = chosenColumns(columnsOf({ keyspaces, attributes: [], sortable: [] }), null);
  const { key, page } = members;
  // The fields show the question; everything else shows what was answered.
  const { view, at, which } = members.asked;
  const listed = members.kind !== 'nobody';
  const past = view === 'then' && listed;
  const clear = () => {
    setSelected(new Set());
    setAll(null);
  };
  const whenOnline = useWhenOnline();
  const ask = (next: Partial<typeof params>) =>
    whenOnline(() => {
      clear();
      void setParams({ before: null, after: null, ...next });
    });
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
  const selection: BulkSelection | null =
    all !== null ? { kind: 'segment', segmentId } : selected.size > 0 ? { kind: 'ids', ids: [...selected] } : null;
  const pageIsSelected = all === null && page.profiles.every(({ id }) => selected.has(id));

  return (
    <section className={`${cardClass} overflow-hidden`} aria-labelledby="members">
      <div className="border-line flex flex-wrap items-center gap-x-3 gap-y-2 border-b px-4 py-3">
        <h2 id="members" className="font-semibold">
          Members
        </h2>
        <span className="flex flex-wrap items-center gap-1.5">
          <InlineSelect label="When" value={params.view} options={VIEWS} onChange={(next) => ask({ view: next })} />
          {params.view === 'then' && date('at', 'As of')}
          {params.view === 'compare' && (
            <>
              {date('from', 'From')} <Word>and</Word> {date('to', 'To')}
            </>
          )}
        </span>
        <span className="min-w-0 flex-1 basis-28" aria-live="polite" aria-busy={waiting}>
          {members.kind === 'list' && (
            <Suspense key={key} fallback="Counting…">
              <Total count={members.count} past={past} />
            </Suspense>
          )}
        </span>
        <WhyButton slug={section.slug} segmentId={segmentId} at={past ? at : ''} />
      </div>
      <Refreshing when={waiting}>
        {members.kind === 'nobody' && <EmptyState title={members.title}>{members.message}</EmptyState>}
        {members.kind === 'difference' && (
          <Compared
            answer={key}
            difference={members.difference}
            which={params.which}
            onChoose={(next) => ask({ which: next })}
          />
        )}
        {view !== 'now' && listed && (
          <p className="text-muted px-4 pt-2 text-[13px]">
            As it was at the end of the day in {timeZone.replaceAll('_', ' ')}. Attributes and keys are as they are now,
            since only tags and events keep a history.
          </p>
        )}
        {listed && page.profiles.length === 0 && (
          <EmptyState
            title={members.kind === 'difference' ? `Nobody ${which === 'came' ? 'joined' : 'left'}` : 'Nobody is in it'}
            action={
              view === 'now' && (
                <ButtonLink href={`/${section.slug}/segments/${segmentId}/edit`}>View the rules</ButtonLink>
              )
            }
          >
            {view === 'now' && 'Check why someone you expected is missing.'}
          </EmptyState>
        )}
        {page.profiles.length > 0 && (
          <ProfilesTable
            slug={section.slug}
            ref={table}
            profiles={page.profiles}
            columns={columns}
            usual
            selected={all !== null ? new Set(page.profiles.map(({ id }) => id)) : selected}
            onSelect={(next) => {
              setAll(null);
              setSelected(next);
            }}
            more={(profile) => ({
              href: `/${section.slug}/segments/${segmentId}/why/${profile.id}${past ? `?at=${at}` : ''}`,
              label: 'Why?',
            })}
          />
        )}
      </Refreshing>
      <NewerOlder
        newer={page.newer}
        older={page.older}
        className="border-line border-t px-4 py-2"
        onGo={(next) => whenOnline(() => void setParams(next))}
      />
      {selection && (
        <BulkBar
          section={section}
          selection={selection}
          size={all ?? selected.size}
          matching={
            members.kind === 'list' && view === 'now' && pageIsSelected ? { answer: key, count: members.count } : null
          }
          person={
            all === null && selected.size === 1 ? page.profiles.find(({ id }) => selected.has(id))?.name : undefined
          }
          onSelectAll={setAll}
          onClosed={() => table.current?.focus()}
          onClear={() => {
            clear();
            table.current?.focus();
          }}
          onChanged={() => router.refresh()}
        />
      )}
    </section>
  );
}

function Total({ count, past }: { count: Deferred<number>; past: boolean }) {
  const counted = use(count);
  if (!counted.ok) return <span className="text-danger">{counted.message}</span>;
  const { value } = counted;
  return (
    <>
      <strong className="font-semibold tabular-nums">{number(value)}</strong> {value === 1 ? 'profile' : 'profiles'}{' '}
      {past && (value === 1 ? 'was in it' : 'were in it')}
    </>
  );
}

type ComparedProps = {
  /** The key of the answer. */
  answer: string;
  difference: Deferred<Difference>;
  which: 'came' | 'went';
  onChoose: (which: 'came' | 'went') => void;
};

/** The buttons appear before their counts, and keep the focus while the counts are refreshed. */
function Compared({ answer, difference, which, onChoose }: ComparedProps) {
  const choice = (key: 'came' | 'went', words: string) => (
    <button
      type="button"
      aria-pressed={which === key}
      onClick={() => onChoose(key)}
      className={`rounded-md border px-3 py-1.5 ${which === key ? 'border-accent bg-accent-soft text-accent-ink font-medium' : 'border-line-strong hover:bg-hover'}`}
    >
      <Suspense key={answer}>
        <Changed difference={difference} which={key} />
      </Suspense>
      {words}
    </button>
  );
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 pt-3">
      <Suspense key={answer} fallback={<span className="text-muted">Comparing…</span>}>
        <Sizes difference={difference} />
      </Suspense>
      {choice('came', 'joined')}
      {choice('went', 'left')}
    </div>
  );
}

const number = (value: number) => value.toLocaleString('en-GB');

function Sizes({ difference }: { difference: Deferred<Difference> }) {
  const compared = use(difference);
  if (!compared.ok) {
    return (
      <div className="w-full">
        <Banner tone="danger">{compared.message}</Banner>
      </div>
    );
  }
  const { before, after } = compared.value;
  return (
    <span className="tabular-nums">
      {number(before)} → {number(after)}:
    </span>
  );
}

/** Renders nothing if the comparison failed. */
function Changed({ difference, which }: { difference: Deferred<Difference>; which: 'came' | 'went' }) {
  const compared = use(difference);
  return compared.ok && `${number(compared.value[which])} `;
}
