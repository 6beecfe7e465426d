'use client';
// The section's events: what profiles do, as other systems report it.
import { Eye, EyeOff, Pencil, Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, IconButton } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { useHotkeys } from '@/components/ui/hotkeys';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { AskToHide } from '@/components/used-in/ask-to-hide';
import { attentionInWords, UsedIn } from '@/components/used-in/used-in';
import type { Dependent, UsersOfThing } from '@/lib/used-in/queries';
import { FIELD_TYPE_NAMES, type EventType } from '@/lib/events/schema';
import type { SectionId } from '@/lib/db/ids';
import { setEventTypeHiddenAction } from './actions';
import { EventDialog } from './event-dialog';

type Props = {
  section: { id: SectionId; slug: string; discriminator: string };
  events: (EventType & { usedIn: UsersOfThing[] })[];
  /** What depends on each of them, directly or indirectly. */
  dependents: Dependent[];
};

export function EventsTable({ section, events, dependents }: Props) {
  const { id: sectionId, slug, discriminator: sectionRef } = section;
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();
  const [open, setOpen] = useState<'new' | EventType | null>(null);
  /** What somebody wants to hide, and others depend on. */
  const [asking, setAsking] = useState<EventType | null>(null);
  useHotkeys({ n: () => setOpen('new') });

  const dependentsOf = ({ id }: EventType) => dependents.filter(({ usedId }) => usedId === id);
  const toggle = (event: EventType) =>
    !event.hiddenAt && dependentsOf(event).length > 0 ? setAsking(event) : void setHidden(event, !event.hiddenAt);

  async function setHidden(event: EventType, hidden: boolean) {
    setAsking(null);
    const result = await send(setEventTypeHiddenAction, { sectionId, eventTypeId: event.id, hidden });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(`“${event.name}” is ${hidden ? 'hidden' : 'shown again'}${attentionInWords(hidden, dependents, event.id)}`, {
      about: [`event type ${event.id}`],
      action: { label: 'Undo', run: () => void setHidden(event, !hidden) },
    });
    router.refresh();
  }

  const add = (
    <Button variant="primary" onPress={() => setOpen('new')}>
      <Plus aria-hidden className="size-4" /> Add event
    </Button>
  );
  return (
    <>
      <PageHeader title="Events" actions={events.length > 0 && add}>
        What profiles do, reported through the REST API and shown in their timeline.
      </PageHeader>
      {events.length === 0 ? (
        <EmptyState title="No events yet" action={add}>
          Define an event such as “Order placed” with its fields; then another system can add it to profiles.
        </EmptyState>
      ) : (
        <div className={`${cardClass} relative overflow-x-auto`} tabIndex={0} role="region" aria-label="Events">
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Name', 'Fields', 'Used in', 'Version', 'Created', '']} />
            <ArrowRows className={stackedClass.body}>
              {events.map((event) => (
                <EventRow
                  key={event.id}
                  event={event}
                  usedIn={<UsedIn slug={slug} name={event.name} usedIn={event.usedIn} />}
                  onEdit={() => setOpen(event)}
                  onHide={() => toggle(event)}
                />
              ))}
            </ArrowRows>
          </table>
        </div>
      )}
      {asking && (
        <AskToHide
          slug={slug}
          name={asking.name}
          dependents={dependentsOf(asking)}
          onHide={() => void setHidden(asking, true)}
          onClose={() => setAsking(null)}
        />
      )}
      {open && (
        <EventDialog
          sectionId={sectionId}
          sectionRef={sectionRef}
          event={open === 'new' ? null : open}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            router.refresh();
          }}
        />
      )}
    </>
  );
}

type EventRowProps = { event: EventType; usedIn: ReactNode; onEdit: () => void; onHide: () => void };

function EventRow({ event, usedIn, onEdit, onHide }: EventRowProps) {
  const [current, ...older] = event.versions;
  const Icon = event.hiddenAt ? Eye : EyeOff;
  return (
    <tr className={stackedClass.row}>
      <td className={`${stackedClass.cell} max-md:pr-20`}>
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{event.name}</span>
          {event.hiddenAt && <Badge tone="warning">Hidden</Badge>}
        </span>
        <span className="text-muted block text-xs">{event.description}</span>
        <code className="text-muted text-xs select-all">{event.discriminator}</code>
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Fields</CellLabel>
        {current?.fields.map(({ name, type }) => `${name} (${FIELD_TYPE_NAMES[type].toLowerCase()})`).join(', ') ||
          'none'}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Used in</CellLabel>
        {usedIn}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Version</CellLabel>
        <code className="select-all">{current?.id}</code>
        {older.length > 0 && (
          <span className="text-muted block text-xs">before: {older.map(({ id }) => id).join(', ')}</span>
        )}
      </td>
      <td className={stackedClass.cell}>
        <CellLabel>Created</CellLabel>
        <DateTime value={event.createdAt} />
      </td>
      <td className={stackedClass.actions}>
        {!event.hiddenAt && (
          <IconButton label={`Edit ${event.name}`} onPress={onEdit}>
            <Pencil aria-hidden className="size-4" />
          </IconButton>
        )}
        <IconButton label={`${event.hiddenAt ? 'Show' : 'Hide'} ${event.name}`} onPress={onHide}>
          <Icon aria-hidden className="size-4" />
        </IconButton>
      </td>
    </tr>
  );
}
