// Events of Tagwell's own: what recipients of messages do, and forms that were submitted. They are not copied into profile_event but read from where they are kept, so that reports,
// the timeline and segments never disagree. What recipients do happens once for each time that a message is sent to somebody.
import type { MessageId, SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { clickedLinksOf } from './clicked-links';
import { FORM_FIELD } from './form-field';
import { MESSAGE_FIELD } from './message-field';
import type { EventField } from './schema';

const OF_MESSAGES = ['got', 'opened', 'clicked', 'left', 'bounced', 'complained'] as const;
export const BUILT_IN = [...OF_MESSAGES, 'submitted'] as const;
export type BuiltIn = (typeof BUILT_IN)[number];

const NAMES: Record<BuiltIn, string> = {
  got: 'Message: was sent to them',
  opened: 'Message: opened',
  clicked: 'Message: clicked',
  left: 'Message: unsubscribed',
  bounced: 'Message: bounced',
  complained: 'Message: called it spam',
  submitted: 'Form: submitted',
};

const FIELDS: Record<'message' | 'form', EventField[]> = {
  message: [{ code: MESSAGE_FIELD, name: 'Message', type: 'text' }],
  form: [{ code: FORM_FIELD, name: 'Form', type: 'text' }],
};

/** Makes the section's own events, once: with its first message that goes out, or its first form that is published. */
export async function ensureBuiltInEvents(tx: Tx, sectionId: SectionId, of: 'message' | 'form'): Promise<void> {
  const made = of === 'message' ? OF_MESSAGES : (['submitted'] as const);
  await execute(
    tx,
    sql`
      insert into event_type (section_id, discriminator, name, name_key, built_in)
      select ${sectionId}::int, made.discriminator, made.name, ${of} || ': ' || made.built_in, made.built_in
      from unnest(
        ${made.map((each) => newDiscriminator('events', `${of} ${each}`))}::text[], ${made.map((each) => NAMES[each])}::text[],
        ${made}::text[]
      ) made (discriminator, name, built_in)
      on conflict (section_id, built_in) do nothing`,
  );
  await execute(
    tx,
    sql`
      insert into event_version (section_id, event_type_id, fields)
      select ${sectionId}::int, type.id, ${JSON.stringify(FIELDS[of])}::jsonb
      from event_type type
      where type.section_id = ${sectionId} and type.built_in = any(${made}::text[]) and type.id not in (
        select event_type_id from event_version where section_id = ${sectionId}
      )`,
  );
}

/** When it happened, as an expression on `recipient`. */
const MOMENT: Record<(typeof OF_MESSAGES)[number], Sql> = {
  got: sql`recipient.ended_at`,
  opened: sql`recipient.opened_at`,
  clicked: sql`recipient.clicked_at`,
  left: sql`recipient.left_at`,
  bounced: sql`recipient.bounced_at`,
  complained: sql`recipient.complained_at`,
};

/**
 * The events of a type, as a relation in FROM with `section_id, profile_id, at, data`. Not of people who were erased, nor of a profile's second row for
 * a message that a merged profile had got too. Forms that were submitted have `form_id` and `answers` besides, apart from the data, so that they are read
 * only where somebody asks for them. `linksOf`: the message of which each link that was clicked is an event, with the link in its data.
 */
export function eventsOf(
  sectionId: SectionId,
  { builtIn, versions }: { builtIn: BuiltIn | null; versions: readonly number[] },
  linksOf: MessageId | null = null,
): Sql {
  if (builtIn === null) {
    return sql`(
      select section_id, profile_id, at, data from profile_event
      where section_id = ${sectionId} and version_id = any(${versions}::int[])
    )`;
  }
  if (builtIn === 'submitted') {
    return sql`(
      select section_id, profile_id, at, jsonb_build_object(${FORM_FIELD}::text, form_id::text) as data, form_id, answers
      from form_submission
      where section_id = ${sectionId} and profile_id is not null and state = 'done'
    )`;
  }
  const moment = MOMENT[builtIn];
  const isThere = sql`
    ${moment} is not null and recipient.address_key is not null and not exists (
      select from profile_merge merged
      where merged.section_id = ${sectionId} and merged.from_id = recipient.profile_id
    )`;
  if (builtIn === 'clicked' && linksOf !== null) return clickedLinksOf(sectionId, linksOf, isThere);
  return sql`(
    select recipient.section_id, recipient.profile_id, ${moment} as at,
      jsonb_build_object(${MESSAGE_FIELD}::text, send.message_id::text) as data
    from recipient
    join send on send.section_id = ${sectionId} and send.id = recipient.send_id
    where recipient.section_id = ${sectionId} and ${isThere}
      ${builtIn === 'got' ? sql`and recipient.state = 'sent'` : sql``}
  )`;
}

/** The forms that can be chosen, the newest first. */
export async function publishedForms(db: Db, sectionId: SectionId): Promise<{ value: string; label: string }[]> {
  return rows(
    db,
    sql`
      select id::text as value, name as label from form
      where section_id = ${sectionId} and version is not null
      order by id desc
      limit 2000`,
  );
}

/** The messages that can be chosen, the newest first. */
export async function sentMessages(db: Db, sectionId: SectionId): Promise<{ value: string; label: string }[]> {
  return rows(
    db,
    sql`
      select message.id::text as value, message.name as label
      from message
      where message.section_id = ${sectionId} and exists (
        select from send where send.section_id = ${sectionId} and send.message_id = message.id
      )
      order by message.id desc
      limit 2000`,
  );
}
