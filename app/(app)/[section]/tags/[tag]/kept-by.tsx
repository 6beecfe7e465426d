'use client';
// The integration lists that keep the tag: since when, the last sync, or why it is no longer kept; with what Admins can do.
import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { Menu } from '@/components/ui/menu';
import type { KeepingList } from '@/lib/integrations/kept-by';
import { WHY_NOT_KEPT } from '@/lib/integrations/kept-words';
import type { TagLabel } from '@/lib/tags/schema';
import { LeaveDialog } from '../../settings/integrations/[connection]/leave-dialog';
import type { SectionRef } from '../open-dialog';
import { RemoveFromAllDialog } from './remove-from-all-dialog';

type Props = { section: SectionRef; tag: TagLabel; lists: readonly KeepingList[]; keptOff: number };

export function KeptBy({ section, tag, lists, keptOff }: Props) {
  const [open, setOpen] = useState<{ kind: 'leave' | 'remove'; list: KeepingList } | null>(null);
  const close = () => setOpen(null);
  return (
    <section className={`${cardClass} p-4`} aria-labelledby="kept-by">
      <h2 id="kept-by" className="mb-2 font-semibold">
        {lists.some(({ status }) => WHY_NOT_KEPT[status] === null) ? 'Kept by' : 'No longer kept by'}{' '}
        {lists.length === 1 ? 'an integration' : 'integrations'}
      </h2>
      <ul className="flex flex-col gap-3">
        {lists.map((list) => (
          <li key={list.listId} className="flex items-start justify-between gap-2">
            <ListOfTag slug={section.slug} list={list} />
            {list.connectionId !== null && (
              <Menu
                label={`What to do with ${list.name}`}
                entries={[
                  {
                    id: 'relink',
                    text: 'Link to another list',
                    label: 'Link to another list…',
                    href: `/${section.slug}/settings/integrations/${list.connectionId}?relink=${list.listId}`,
                  },
                  {
                    id: 'leave',
                    text: 'Keep it as an ordinary tag',
                    label: 'Keep it as an ordinary tag…',
                    onAction: () => setOpen({ kind: 'leave', list }),
                  },
                  'line',
                  {
                    id: 'remove',
                    text: 'Remove it from everyone',
                    label: 'Remove it from everyone…',
                    danger: true,
                    onAction: () => setOpen({ kind: 'remove', list }),
                  },
                ]}
                trigger={
                  <AriaButton
                    aria-label={`What to do with ${list.name}`}
                    className="hover:bg-hover shrink-0 rounded-md p-1.5"
                  >
                    <Ellipsis aria-hidden className="size-4" />
                  </AriaButton>
                }
              />
            )}
          </li>
        ))}
      </ul>
      {keptOff > 0 && (
        <p className="mt-3">
          <Link href={`/${section.slug}/tags/${tag.id}/kept-off`} className="text-accent-ink underline">
            {keptOff === 1 ? '1 person is' : `${keptOff.toLocaleString('en-GB')} people are`} kept off
          </Link>
          , because somebody removed the tag here.
        </p>
      )}
      {open?.kind === 'leave' && (
        <LeaveDialog section={section} list={{ id: open.list.listId, name: open.list.list, tag }} onClose={close} />
      )}
      {open?.kind === 'remove' && <RemoveFromAllDialog section={section} tag={tag} list={open.list} onClose={close} />}
    </section>
  );
}

function ListOfTag({ slug, list }: { slug: string; list: KeepingList }) {
  const { name, connectionId, status, statusSince, chosenAt, lastSync, nextSync, isPaused } = list;
  const why = WHY_NOT_KEPT[status];
  return (
    <div className="min-w-0">
      {connectionId === null ? (
        <bdi className="font-medium wrap-anywhere">{name}</bdi>
      ) : (
        <Link
          href={`/${slug}/settings/integrations/${connectionId}`}
          className="text-accent-ink font-medium wrap-anywhere underline"
        >
          <bdi>{name}</bdi>
        </Link>
      )}
      {why !== null && (
        <p>
          <Badge tone="warning">Not kept</Badge> since <DateTime value={statusSince} exact />: {why}. Everyone who has
          the tag keeps it.
        </p>
      )}
      <p className="text-muted text-[13px]">
        {why === null && (
          <>
            Since <DateTime value={chosenAt} exact /> ·{' '}
          </>
        )}
        {lastSync === null ? (
          'not synced yet'
        ) : (
          <>
            last sync <DateTime value={lastSync} exact />
          </>
        )}
        {isPaused && ' · the connection is paused'}
        {nextSync !== null && (
          <>
            {' '}
            · next <DateTime value={nextSync} exact />
          </>
        )}
      </p>
    </div>
  );
}
