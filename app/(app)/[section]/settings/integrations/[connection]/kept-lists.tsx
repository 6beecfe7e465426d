'use client';
// The lists that a connection keeps: each with its tag, its status in words, and what can be done with it.
import { Ellipsis } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { TagLink, TagName } from '@/components/tags/tag-chip';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, Kbd, stackedClass, TableHead } from '@/components/ui/display';
import { FilterForm, FilterSelect, FilterText } from '@/components/ui/filter-form';
import { Menu, type MenuEntry } from '@/components/ui/menu';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { ListView } from '@/lib/integrations/list-views';
import type { ListFilter, RunFilter } from '@/lib/integrations/schema';
import type { ConnectionView } from '@/lib/integrations/views';
import { pauseListAction, setAddOnlyAction, setStartsFlowsAction } from '../actions';
import { ListPages } from '../list-pages';
import { DRY_RUN_WORDS, followsInWords, LIST_WORDS, number, type SectionRef } from '../words';
import { RemoveFromAllDialog } from '../../../tags/[tag]/remove-from-all-dialog';
import { ChooseTagDialog } from './choose-tag-dialog';
import { LeaveDialog } from './leave-dialog';
import { NewNameDialog } from './new-name-dialog';
import { RelinkDialog } from './relink-dialog';

/** Lists from which they can be searched. */
export const SEARCHABLE = 10;

const SHOWS: { value: Exclude<ListFilter, 'all'>; label: string }[] = [
  { value: 'attention', label: 'Need a look' },
  { value: 'fresh', label: 'Need a dry run' },
  { value: 'kept', label: 'Kept by each sync' },
  { value: 'paused', label: 'Paused' },
];

/** A page of the lists. `page`: its number, from 1; `total`: lists on all pages. */
export type ListsPage = { lists: ListView[]; total: number; search: string; show: ListFilter; page: number };

type Props = {
  section: SectionRef;
  connection: ConnectionView;
  page: ListsPage;
  /** The list whose link to the CRM is asked for, from the page of its tag. */
  relink: ListView | null;
  hrefOf: (page: number) => string;
  /** Which syncs the page shows below. */
  runsShown: RunFilter;
};
type Open = { kind: 'leave' | 'name' | 'relink' | 'remove' | 'tag'; list: ListView };

export function KeptLists({ section, connection, page, relink, hrefOf, runsShown }: Props) {
  const [open, setOpen] = useState<Open | null>(relink && { kind: 'relink', list: relink });
  const router = useRouter();
  const close = () => {
    setOpen(null);
    // Not asked again when the page is loaded again.
    if (relink !== null) router.replace(hrefOf(page.page), { scroll: false });
  };
  if (connection.lists.kept === 0) {
    return (
      <div className={cardClass}>
        <EmptyState
          title="No lists chosen yet"
          action={
            <ButtonLink variant="primary" href={`/${section.slug}/settings/integrations/${connection.id}/lists`}>
              Choose lists
            </ButtonLink>
          }
        >
          Choose the lists that become tags. Then a dry run shows who would get each tag, before anything changes.
        </EmptyState>
      </div>
    );
  }
  return (
    <>
      {(connection.lists.kept > SEARCHABLE || page.search !== '' || page.show !== 'all') && (
        <FilterForm>
          <FilterText label="Search lists" name="q" value={page.search} />
          <FilterSelect
            label="Show"
            name="lists"
            value={page.show === 'all' ? undefined : page.show}
            all={`All ${number(connection.lists.kept)}`}
            options={SHOWS}
          />
          {runsShown !== 'folded' && <input type="hidden" name="show" value={runsShown} />}
        </FilterForm>
      )}
      <div className={`${cardClass} overflow-hidden`}>
        {page.lists.length === 0 ? (
          <EmptyState title="No list here">
            {page.page > 1 ? 'There are fewer pages now.' : 'Search for other words, or show all lists.'}
          </EmptyState>
        ) : (
          <table className={stackedClass.table}>
            <TableHead stacked titles={['List', 'Tag', 'Status', '']} />
            <ArrowRows className={stackedClass.body}>
              {page.lists.map((list) => (
                <Row
                  key={list.id}
                  section={section}
                  connection={connection}
                  list={list}
                  onOpen={(kind) => setOpen({ kind, list })}
                />
              ))}
            </ArrowRows>
          </table>
        )}
      </div>
      <ListPages page={page.page} total={page.total} hrefOf={hrefOf} />
      {connection.lists.kept > SEARCHABLE && (
        <p className="text-muted mt-2 hidden text-[13px] md:block pointer-coarse:hidden">
          <Kbd>/</Kbd> search · <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd> open the tag
        </p>
      )}
      {open?.kind === 'leave' && <LeaveDialog section={section} list={open.list} onClose={close} />}
      {open?.kind === 'remove' && (
        <RemoveFromAllDialog
          section={section}
          tag={open.list.tag}
          list={{ listId: open.list.id, name: open.list.name }}
          onClose={close}
        />
      )}
      {open?.kind === 'relink' && (
        <RelinkDialog section={section} connection={connection} list={open.list} onClose={close} />
      )}
      {open?.kind === 'tag' && (
        <ChooseTagDialog section={section} connection={connection} list={open.list} onClose={close} />
      )}
      {open?.kind === 'name' && <NewNameDialog section={section} list={open.list} onClose={close} />}
    </>
  );
}

type RowProps = {
  section: SectionRef;
  connection: ConnectionView;
  list: ListView;
  onOpen: (kind: Open['kind']) => void;
};

function Row({ section, connection, list, onOpen }: RowProps) {
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();
  const status = LIST_WORDS[list.status];
  const waits = list.status === 'active' && list.waits;
  // Of a list that waits, somebody has just applied a dry run.
  const isFresh = list.status === 'active' && !list.confirmed && !waits;
  const isRefused = list.status === 'active' && list.refused;
  const isAbsent = list.status === 'gone' || list.status === 'missing';

  async function act<Value>(action: SubmitAction<Value>, input: object, message: string) {
    const result = await send(action, { sectionId: section.id, listId: list.id, ...input });
    toast(result.ok ? message : result.refusal.message, result.ok ? {} : { tone: 'danger' });
    if (result.ok) router.refresh();
  }

  const pause = (paused: boolean) =>
    void act(pauseListAction, { paused }, paused ? 'Paused: the tag stays as it is' : 'Resumed');
  const addOnly = (only: boolean) =>
    void act(
      setAddOnlyAction,
      { addOnly: only },
      only ? 'Syncs will only add this tag' : 'Syncs will add this tag and take it off',
    );
  const startFlows = (starts: boolean) =>
    void act(
      setStartsFlowsAction,
      { startsFlows: starts },
      starts
        ? 'From the next sync on, people who get this tag enter the flows that wait for it'
        : 'Syncs will start no flows by this tag',
    );
  const entries: MenuEntry[] = [
    list.status === 'paused'
      ? { id: 'resume', text: 'Resume', label: 'Resume', onAction: () => pause(false) }
      : { id: 'pause', text: 'Pause', label: 'Pause', onAction: () => pause(true) },
    list.addOnly
      ? {
          id: 'both',
          text: 'Also take the tag off',
          label: 'Also take the tag off',
          onAction: () => addOnly(false),
        }
      : { id: 'add', text: 'Only add the tag', label: 'Only add the tag', onAction: () => addOnly(true) },
    list.startsFlows
      ? { id: 'no-flows', text: 'Start no flows', label: 'Start no flows', onAction: () => startFlows(false) }
      : { id: 'flows', text: 'Start flows', label: 'Start flows', onAction: () => startFlows(true) },
    {
      id: 'relink',
      text: 'Link to another list',
      label: 'Link to another list…',
      onAction: () => onOpen('relink'),
    },
    ...(list.tag.hidden
      ? []
      : [
          {
            id: 'people',
            text: 'Show everyone who has the tag',
            label: 'Show everyone who has the tag',
            href: `/${section.slug}/profiles?has=${list.tag.id}`,
          },
          {
            id: 'kept-off',
            text: 'Show who is kept off',
            label: 'Show who is kept off',
            href: `/${section.slug}/tags/${list.tag.id}/kept-off`,
          },
        ]),
    'line',
    {
      id: 'leave',
      text: 'Stop keeping this tag',
      label: 'Stop keeping this tag…',
      danger: true,
      onAction: () => onOpen('leave'),
    },
    ...(list.tag.hidden
      ? []
      : [
          {
            id: 'remove',
            text: 'Remove the tag from everyone',
            label: 'Remove the tag from everyone…',
            danger: true,
            onAction: () => onOpen('remove'),
          },
        ]),
  ];
  return (
    <tr className={stackedClass.row}>
      <td className={`${stackedClass.cell} max-md:pr-12 md:w-[34%]`}>
        <span className="font-medium">{list.name}</span>
        {list.last !== null && (
          <span className="text-muted block text-[13px]">
            When it was last synced: {number(list.last.seen)} on the list, {number(list.last.matched)} of them here
            {list.last.keptOff > 0 && `, ${number(list.last.keptOff)} kept off`}
            {connection.undone && '. A sync was undone since'}
          </span>
        )}
        {list.newName !== null && (
          <span className="text-warning flex flex-wrap items-center gap-2 text-[13px]">
            Called “{list.newName}” in the CRM now.
            <Button size="small" onPress={() => onOpen('name')}>
              Take over the name
            </Button>
          </span>
        )}
      </td>
      <td className={`${stackedClass.cell} md:w-[28%]`}>
        <CellLabel>Tag</CellLabel>
        {list.tag.hidden ? (
          <span className="flex flex-wrap items-center gap-2">
            <TagName tag={list.tag} size="whole" />
            <Button size="small" onPress={() => onOpen('tag')}>
              Choose another tag
            </Button>
          </span>
        ) : (
          <TagLink tag={list.tag} size="whole" />
        )}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Status</CellLabel>
        {list.tag.hidden ? (
          <Badge tone="warning">Needs attention</Badge>
        ) : (
          <Badge tone={waits || isRefused ? 'warning' : list.confirmed ? status.tone : undefined}>
            {isRefused ? 'Not permitted' : isFresh ? 'Needs a dry run' : waits ? 'Waits for your answer' : status.label}
          </Badge>
        )}{' '}
        {list.addOnly && <Badge>Only adds</Badge>} {list.startsFlows && <Badge>Starts flows</Badge>}
        <span className="text-muted block max-w-96 text-[13px]">
          {list.tag.hidden
            ? 'Its tag was hidden, so syncs change nothing.'
            : isRefused
              ? 'Allowed Operations of the tag do not let this connection write it, so syncs change nothing. An Admin can change that on the page of the tag: Edit → Allowed Operations.'
              : isFresh
                ? `${whyDryRun(list)}Start one to see who would get the tag, and who would lose it.`
                : waits
                  ? 'The last sync would take its tag off many people. Until you answer, they keep it.'
                  : list.status === 'active'
                    ? followsInWords(connection, list)
                    : status.meaning}
          {list.status !== 'active' && (
            <>
              {' '}
              Since <DateTime value={list.statusSince} exact />.
            </>
          )}
        </span>
        {isAbsent && !list.tag.hidden && (
          <span className="mt-1 flex flex-wrap gap-2">
            <Button size="small" onPress={() => onOpen('relink')}>
              Link to another list
            </Button>
            <Button size="small" onPress={() => onOpen('leave')}>
              Keep as an ordinary tag
            </Button>
            <Button size="small" onPress={() => onOpen('remove')}>
              Remove from all
            </Button>
          </span>
        )}
      </td>
      <td className={stackedClass.actions}>
        <Menu
          label={`More for ${list.name}`}
          entries={entries}
          trigger={
            <AriaButton aria-label={`More for ${list.name}`} className="hover:bg-hover rounded-md p-2">
              <Ellipsis aria-hidden className="size-4" />
            </AriaButton>
          }
        />
      </td>
    </tr>
  );
}

/** What has changed since a list was synced; empty if it never was. */
function whyDryRun({ dryRunReason, last }: ListView): string {
  if (dryRunReason) return `${DRY_RUN_WORDS[dryRunReason]} `;
  return last === null ? '' : 'Something has changed since it was synced. ';
}
