'use client';
// The people of a group in a run, a page at a time.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from '@/components/ui/button';
import { tableClass, TableHead } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import { Link } from '@/components/ui/link';
import { ReadFailed } from '@/components/ui/read-failed';
import type { PeopleGroup, RunPerson } from '@/lib/integrations/run-people';
import type { RunHead, RunListView } from '@/lib/integrations/run-views';
import { GROUPS } from '../../../words';

const PAGE = 50;

const COLUMNS = ['Name', 'Email, mobile, CRM ID'];

type Props = { slug: string; run: Pick<RunHead, 'id' | 'connectionId'>; list: RunListView; group: PeopleGroup };

export function RunPeople({ slug, run: { id: runId, connectionId }, list, group }: Props) {
  const found = useInfiniteQuery({
    queryKey: ['run-people', slug, runId, list.listId, group],
    queryFn: ({ pageParam, signal }) => {
      const search = new URLSearchParams({ list: String(list.listId), group, limit: String(PAGE) });
      if (pageParam !== null) search.set('after', pageParam);
      return getJson<RunPerson[]>(`/data/${slug}/integrations/runs/${runId}/people?${search.toString()}`, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.length === PAGE ? page.at(-1)!.place : undefined),
    gcTime: 0,
    retry: false,
  });
  const shown = found.data?.pages.flat() ?? [];
  const { many, explains } = GROUPS[group];
  return (
    <div className="flex flex-col gap-2">
      <p className="text-muted text-[13px]">
        {explains}
        {group === 'unmatched' && (
          <>
            {' '}
            <Link className="underline" href={`/${slug}/settings/integrations/${connectionId}/settings#unmatched`}>
              Change that
            </Link>
          </>
        )}
      </p>
      {found.isPending && <p role="status">Reading…</p>}
      {found.isError && (
        <ReadFailed onRetry={() => void found.refetch()} retrying={found.isFetching}>
          {`The people could not be read. ${found.error.message}`}
        </ReadFailed>
      )}
      {found.isSuccess && shown.length === 0 && (
        <p>They are no longer kept: contacts that were left out are forgotten once a later sync has started.</p>
      )}
      {shown.length > 0 && (
        <div
          className="border-line relative max-h-96 overflow-auto rounded-md border"
          tabIndex={0}
          role="region"
          aria-label={`${list.name}: ${many}`}
        >
          <table className={tableClass.table}>
            <TableHead titles={group === 'ambiguous' ? [...COLUMNS, 'Matches'] : COLUMNS} />
            <tbody>
              {shown.map((person) => (
                <tr key={person.place} className={tableClass.row}>
                  <td className={tableClass.cell}>
                    <Name slug={slug} person={person} />
                  </td>
                  <td className={`${tableClass.cell} wrap-anywhere`}>{person.keys.join(', ') || '–'}</td>
                  {group === 'ambiguous' && (
                    <td className={tableClass.cell}>
                      <Matches slug={slug} matches={person.matches} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.hasNextPage && (
        <div>
          <Button size="small" isPending={found.isFetchingNextPage} onPress={() => void found.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

/** The profiles that match a contact, and for two of them, the way to merge them. */
function Matches({ slug, matches }: { slug: string; matches: RunPerson['matches'] }) {
  const [first, second, ...others] = matches;
  if (!first || !second) return 'no longer: the next sync finds the one who is left';
  return (
    <ul className="flex flex-col gap-1">
      {matches.map(({ id, name }) => (
        <li key={id}>
          <Link href={`/${slug}/profiles/${id}`} className="text-accent-ink underline">
            {name}
          </Link>
        </li>
      ))}
      {others.length === 0 && (
        <li>
          <Link href={`/${slug}/profiles/${first.id}/merge/${second.id}`} className="text-accent-ink underline">
            Merge them…
          </Link>
        </li>
      )}
    </ul>
  );
}

/** Links to the profile, if there is one. */
function Name({ slug, person: { profileId, name, keys } }: { slug: string; person: RunPerson }) {
  if (profileId === null) return <>{name || keys[0] || 'Without a name'}</>;
  return (
    <Link href={`/${slug}/profiles/${profileId}`} className="text-accent-ink underline">
      {name}
    </Link>
  );
}
