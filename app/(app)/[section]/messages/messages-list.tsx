'use client';
// The section's messages: what is being written, what goes out when, what has gone out.
import clsx from 'clsx';
import { Copy, Ellipsis, LayoutTemplate, Plus, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { ButtonLink } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, Kbd, PageHeader, stackedClass } from '@/components/ui/display';
import { number, share } from '@/components/ui/figures';
import { FilterForm, FilterText } from '@/components/ui/filter-form';
import { useHotkeys } from '@/components/ui/hotkeys';
import { FilterTabs } from '@/components/ui/filter-tabs';
import { Link } from '@/components/ui/link';
import { NewestOlder } from '@/components/ui/newest-older';
import { Menu } from '@/components/ui/menu';
import { useOpen } from '@/components/ui/when-online';
import type { SectionId } from '@/lib/db/ids';
import type { ListedMessage, MessageFilter } from '@/lib/messages/queries';
import { AttentionBadge } from './attention';
import { ListHead, OrderChoice } from './list-head';
import { sortInAddress, type ListSort } from './list-sort';
import { statusOf } from './status';
import { TemplateDialog } from './template-dialog';
import { useMessageActions } from './use-message-actions';

const FILTERS: readonly { filter: MessageFilter; label: string }[] = [
  { filter: 'all', label: 'All' },
  { filter: 'drafts', label: 'Drafts' },
  { filter: 'open', label: 'Scheduled and going out' },
  { filter: 'sent', label: 'Sent' },
];

type Props = {
  section: { id: SectionId; slug: string };
  messages: ListedMessage[];
  counts: Record<MessageFilter, number>;
  show: MessageFilter;
  search: string;
  sort: ListSort;
  /** It is not the first page. */
  isLater: boolean;
  /** Where the next page begins, for the address; null if there is none. */
  next: Record<string, string> | null;
};

export function MessagesList({ section, messages, counts, show, search, sort, isLater, next }: Props) {
  const open = useOpen();
  const here = `/${section.slug}/messages`;
  useHotkeys({ n: () => open(`${here}/new`) });
  const address = (change: Record<string, string>) => {
    const query = new URLSearchParams({
      ...(show !== 'all' && { show }),
      ...(search !== '' && { q: search }),
      ...(sort.order !== 'changed' && { sort: sortInAddress(sort) }),
      ...change,
    });
    if (query.get('sort') === 'changed') query.delete('sort');
    return query.size === 0 ? here : `${here}?${query}`;
  };
  const create = (
    <ButtonLink variant="primary" href={`${here}/new`}>
      <Plus aria-hidden className="size-4" /> New message
    </ButtonLink>
  );
  return (
    <>
      <PageHeader title="Messages" actions={counts.all > 0 && create}>
        Emails and SMS to the right people, once each.
      </PageHeader>
      {counts.all === 0 ? (
        <div className={cardClass}>
          <EmptyState title="No messages yet" action={create}>
            Write an email or an SMS, choose who gets it by tags and segments, and see the number of people while you
            choose. Nothing leaves before you say so.
          </EmptyState>
        </div>
      ) : (
        <>
          <FilterTabs
            label="Which messages"
            current={show}
            tabs={FILTERS.map(({ filter, label }) => ({
              value: filter,
              href: filter === 'all' ? here : `${here}?show=${filter}`,
              label,
              count: counts[filter],
            }))}
          />
          <FilterForm>
            {show !== 'all' && <input type="hidden" name="show" value={show} />}
            <FilterText label="Search" name="q" value={search} />
            <OrderChoice sort={sort} />
          </FilterForm>
          <div className={`${cardClass} relative overflow-x-auto`}>
            {messages.length === 0 ? (
              <NoneShown show={show} searching={search !== ''} here={here} />
            ) : (
              <table className={stackedClass.table}>
                <ListHead sort={sort} href={(wanted) => address({ sort: sortInAddress(wanted) })} />
                <ArrowRows className={stackedClass.body}>
                  {messages.map((message) => (
                    <MessageLine key={message.id} section={section} message={message} />
                  ))}
                </ArrowRows>
              </table>
            )}
          </div>
          <NewestOlder
            {...(sort.order !== 'changed' && { words: ['First page', 'Next'] as const })}
            newest={isLater ? address({}) : null}
            older={next === null ? null : address(next)}
          />
          <p className="text-muted mt-2 hidden text-[13px] md:block pointer-coarse:hidden">
            <Kbd>/</Kbd> search · <Kbd>n</Kbd> new · <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd> open
          </p>
        </>
      )}
    </>
  );
}

function NoneShown({ show, searching, here }: { show: MessageFilter; searching: boolean; here: string }) {
  if (searching) return <EmptyState title="No matching messages">Check the spelling, or clear the search.</EmptyState>;
  const words: Record<MessageFilter, [title: string, hint: string]> = {
    all: ['No messages on this page', 'They may have been changed since: changed ones are listed first.'],
    drafts: ['No drafts', 'What you write is here until you schedule or send it.'],
    open: ['Nothing is scheduled', 'Open a draft and choose when it is sent.'],
    sent: ['Nothing has been sent yet', 'Sent messages stay here, with their reports.'],
  };
  return (
    <EmptyState
      title={words[show][0]}
      action={
        <Link href={here} className={buttonClass()}>
          Show all messages
        </Link>
      }
    >
      {words[show][1]}
    </EmptyState>
  );
}

function MessageLine({ section, message }: { section: Props['section']; message: ListedMessage }) {
  const { id, name, channel, kind, send, isDraft, attention, changedAt, changedBy, figures } = message;
  const status = statusOf(message);
  const people = figures?.recipients ?? send?.gets ?? (isDraft ? null : send?.promised) ?? null;
  const href = `/${section.slug}/messages/${id}`;
  return (
    <tr className={stackedClass.row}>
      <td className={clsx(stackedClass.cell, 'max-md:pr-12')}>
        <span className="flex flex-wrap items-center gap-2">
          <Link href={href} className="font-medium wrap-anywhere hover:underline">
            {name}
          </Link>
          {channel === 'sms' && <Badge>SMS</Badge>}
          {kind === 'service' && <Badge>Service</Badge>}
          <AttentionBadge reasons={attention} />
        </span>
      </td>
      <td className={stackedClass.cell}>
        <Badge tone={status.tone}>{status.text}</Badge>
      </td>
      <Count label="People" people={people} />
      <Count label="Opened" people={channel === 'sms' ? null : (figures?.opened ?? null)} of={figures?.sent} />
      <Count label="Clicked" people={figures?.clicked ?? null} of={figures?.sent} />
      <td className={clsx(stackedClass.cell, !send && 'max-md:hidden')}>
        {send && !isDraft && <DateTime value={send.startedAt ?? send.startsAt} exact />}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Changed</CellLabel>
        <DateTime value={changedAt} />
        {changedBy && <span className="text-muted text-xs md:block"> {changedBy}</span>}
      </td>
      <td className={stackedClass.actions}>
        <RowMenu section={section} message={message} />
      </td>
    </tr>
  );
}

/** How many people, and which share of `of` they are. Null: there is nothing to count yet. */
function Count({ label, people, of }: { label: string; people: number | null; of?: number }) {
  if (people === null) return <td className={clsx(stackedClass.cell, 'max-md:hidden')} />;
  return (
    <td className={clsx(stackedClass.cell, 'tabular-nums md:text-right')}>
      <CellLabel>{label}</CellLabel>
      {number(people)}
      {of !== undefined && of > 0 && (
        <span className="text-muted text-xs whitespace-nowrap max-md:ml-1.5 md:block">{share(people, of)}</span>
      )}
    </td>
  );
}

function RowMenu({ section, message }: { section: Props['section']; message: ListedMessage }) {
  const router = useRouter();
  const { duplicate, remove } = useMessageActions(section);
  const [keeping, setKeeping] = useState(false);
  return (
    <>
      <Menu
        label={`More: ${message.name}`}
        trigger={
          <AriaButton aria-label={`More: ${message.name}`} className={buttonClass({ variant: 'quiet', size: 'small' })}>
            <Ellipsis aria-hidden className="size-4" />
          </AriaButton>
        }
        entries={[
          {
            id: 'copy',
            text: 'Make a copy',
            onAction: () => void duplicate(message.id),
            label: (
              <>
                <Copy aria-hidden className="text-muted size-4" /> Make a copy
              </>
            ),
          },
          ...(message.channel === 'email'
            ? [
                {
                  id: 'template',
                  text: 'Save as a template',
                  onAction: () => setKeeping(true),
                  label: (
                    <>
                      <LayoutTemplate aria-hidden className="text-muted size-4" /> Save as a template…
                    </>
                  ),
                },
              ]
            : []),
          ...(message.isDraft
            ? [
                'line' as const,
                {
                  id: 'delete',
                  text: 'Delete',
                  danger: true,
                  onAction: () => void remove(message, () => router.refresh()),
                  label: (
                    <>
                      <Trash2 aria-hidden className="size-4" /> Delete
                    </>
                  ),
                },
              ]
            : []),
        ]}
      />
      {keeping && (
        <TemplateDialog
          sectionId={section.id}
          of={{ kind: 'message', id: message.id, name: message.name }}
          onClose={() => setKeeping(false)}
        />
      )}
    </>
  );
}
