// What Admins do to event definitions, and events that API clients add to profiles.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import {
  EventTypeIdSchema,
  KeyspaceIdSchema,
  SectionIdSchema,
  type EventTypeId,
  type EventVersionId,
  type SectionId,
} from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { findOrCreate, openKey } from '@/lib/profiles/keyspace';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS } from '@/lib/signals/schema';
import { canonicalText, COMPOSED_MAX } from '@/lib/text/canonical';
import { DescriptionSchema } from '@/lib/text/prose';
import { FieldsSchema, type EventField } from './schema';

/** Creates an event with its first version. */
export const createEventType = command({
  name: 'events.create',
  scope: 'section',
  allow: 'admins',
  input: z.object({
    sectionId: SectionIdSchema,
    name: NameSchema,
    description: DescriptionSchema.default(''),
    fields: FieldsSchema.default([]),
  }),
  run: async ({ prisma, actor }, { sectionId, name, description, fields }) => {
    await requireFreeName({ thing: 'an event', name }, visibleEvent(prisma, sectionId));
    return prisma.eventType.create({
      data: {
        sectionId,
        discriminator: newDiscriminator('events', name),
        name,
        nameKey: nameKey(name),
        description,
        createdBy: actorUserId(actor),
        versions: { create: { fields } },
      },
      select: { id: true, discriminator: true },
    });
  },
  audit: ({ name }, { id }) => ({ summary: `Created the event “${name}”`, subject: `event:${id}` }),
});

/** Renames or describes an event. Changed fields make a new version; events of older versions are still accepted. */
export const updateEventType = command({
  name: 'events.update',
  scope: 'section',
  allow: 'admins',
  input: z.object({
    sectionId: SectionIdSchema,
    eventTypeId: EventTypeIdSchema,
    name: NameSchema,
    description: DescriptionSchema,
    fields: FieldsSchema,
  }),
  run: async ({ tx, prisma }, { sectionId, eventTypeId, name, description, fields }) => {
    const before = await lockType(tx, sectionId, eventTypeId);
    await requireFreeName({ thing: 'an event', name, except: eventTypeId }, visibleEvent(prisma, sectionId));
    await prisma.eventType.update({
      where: { sectionId_id: { sectionId, id: eventTypeId } },
      data: { name, nameKey: nameKey(name), description },
    });
    const current = await prisma.eventVersion.findFirstOrThrow({
      where: { sectionId, eventTypeId },
      orderBy: { id: 'desc' },
      select: { fields: true },
    });
    if (isDeepStrictEqual(current.fields, fields)) return { before: before.name, version: null };
    await prisma.eventVersion.updateMany({
      where: { sectionId, eventTypeId, deprecatedAt: null },
      data: { deprecatedAt: new Date() },
    });
    const version = await prisma.eventVersion.create({
      data: { sectionId, eventTypeId, fields },
      select: { id: true },
    });
    return { before: before.name, version: version.id };
  },
  audit: ({ eventTypeId, name }, { before, version }) => ({
    summary: `${before === name ? `Edited the event “${name}”` : `Renamed the event “${before}” to “${name}”`}${version === null ? '' : ': a new version'}`,
    subject: `event:${eventTypeId}`,
  }),
});

/** Hides an event, or shows it again. A hidden event is neither accepted nor shown; recorded ones are kept. */
export const setEventTypeHidden = command({
  name: 'events.set-hidden',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, eventTypeId: EventTypeIdSchema, hidden: z.boolean() }),
  run: async ({ tx, prisma, actor }, { sectionId, eventTypeId, hidden }) => {
    const { name } = await lockType(tx, sectionId, eventTypeId);
    if (!hidden)
      await requireFreeName({ thing: 'an event', name, except: eventTypeId }, visibleEvent(prisma, sectionId));
    await prisma.eventType.update({
      where: { sectionId_id: { sectionId, id: eventTypeId } },
      data: { hiddenAt: hidden ? new Date() : null, hiddenBy: hidden ? actorUserId(actor) : null },
    });
    return { name };
  },
  audit: ({ eventTypeId, hidden }, { name }) => ({
    summary: `${hidden ? 'Hid' : 'Showed'} the event “${name}”`,
    subject: `event:${eventTypeId}`,
  }),
});

const NewEvent = z.object({
  versionId: z.string().max(20),
  at: z.coerce.date(),
  data: z.record(
    z.string().max(60),
    z.union([
      z.string().max(COMPOSED_MAX, { abort: true }).overwrite(canonicalText).max(2_000),
      z.number(),
      z.boolean(),
      z.null(),
    ]),
  ),
});

/** Adds events to the profile of a key, all or none. Creates the profile if no profile has the key. */
export const addEventsByKey = command({
  name: 'events.add-by-key',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaceId: KeyspaceIdSchema,
    key: z.string().max(1_000),
    events: z.array(NewEvent).min(1, 'Name at least one event.').max(100, 'At most 100 events a call.'),
  }),
  run: async ({ tx, actor, accountId }, { events, ...where }) => {
    const place = await openKey(tx, actor, accountId, where);
    const fieldsOf = await findVersions(tx, where.sectionId, events);
    for (const [index, { versionId, at, data }] of events.entries()) {
      const field = `items.${index}`;
      const fields = fieldsOf.get(versionId);
      if (!fields) refuse('not_found', `There is no event with the version ${versionId} in this section.`, { field });
      if (at.getTime() > Date.now() + 86_400_000) refuse('invalid', 'event_time is in the future.', { field });
      const problem = dataProblem(fields, data);
      if (problem) refuse('invalid', problem, { field });
    }
    const { id: profileId } = await findOrCreate(tx, actor, place);
    const now = new Date();
    const happened = sql`
      select distinct ${TOPICS.event_happened}::smallint as topic, version.event_type_id as subject_id,
        ${profileId}::bigint as profile_id
      from added
      join event_version version on version.section_id = ${where.sectionId} and version.id = added.version_id`;
    await execute(
      tx,
      sql`
        with added as (
          insert into profile_event (section_id, profile_id, version_id, at, received_at, data, api_key_id)
          select ${where.sectionId}::int, ${profileId}::bigint, version_id, at, ${now}::timestamptz, data,
            ${actorApiKeyId(actor)}::int
          from unnest(
            ${events.map(({ versionId }) => Number(versionId))}::int[], ${events.map(({ at }) => at)}::timestamptz[],
            ${events.map(({ data }) => JSON.stringify(data))}::jsonb[]
          ) event (version_id, at, data)
          returning version_id
        )
        ${appendSignals({ sectionId: where.sectionId }, happened, sql`${now}::timestamptz`)}`,
    );
    return { added: events.length };
  },
  audit: () => null,
});

async function findVersions(
  tx: Tx,
  sectionId: SectionId,
  events: readonly { versionId: string }[],
): Promise<Map<string, EventField[]>> {
  const ids = events.flatMap(({ versionId }) => (/^\d{1,9}$/.test(versionId) ? [Number(versionId)] : []));
  const found = await rows<{ id: EventVersionId; fields: EventField[] }>(
    tx,
    sql`
      select version.id, version.fields
      from event_version version
      join event_type type on type.section_id = version.section_id and type.id = version.event_type_id
      where version.section_id = ${sectionId} and version.id = any(${ids}::int[]) and type.hidden_at is null
        and type.built_in is null`,
  );
  return new Map(found.map(({ id, fields }) => [String(id), fields]));
}

/** What is wrong with an event's data, or null. */
function dataProblem(fields: readonly EventField[], data: Record<string, unknown>): string | null {
  for (const [code, value] of Object.entries(data)) {
    const field = fields.find((item) => item.code === code);
    if (!field) return `This version of the event has no field “${code}”.`;
    if (value === null) continue;
    const fits =
      field.type === 'date'
        ? typeof value === 'string' &&
          z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(value).success
        : typeof value === (field.type === 'text' ? 'string' : field.type);
    if (!fits) return `The field “${code}” takes ${EXPECTED[field.type]}.`;
  }
  return null;
}

const EXPECTED: Record<EventField['type'], string> = {
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date such as 2026-11-24, or with a time in ISO 8601',
};

async function lockType(tx: Tx, sectionId: SectionId, id: EventTypeId): Promise<{ name: string }> {
  const found = await maybeOne<{ name: string }>(
    tx,
    sql`select name from event_type
        where section_id = ${sectionId} and id = ${id} and built_in is null
        for update`,
  );
  return found ?? refuse('not_found', 'This event does not exist in this section.');
}

const visibleEvent = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.eventType.findFirst({
    where: { sectionId, nameKey: key, hiddenAt: null },
    select: { id: true, name: true },
  });
