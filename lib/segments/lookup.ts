// Looks up what rules refer to in the section, and says why a condition cannot be evaluated: hidden, deleted, or of another type.
import type { RefusalCode } from '@/lib/access/refusal';
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import type {
  AttributeId,
  ClaimHolderId,
  EventTypeId,
  EventVersionId,
  FormId,
  KeyspaceId,
  SectionId,
  TagId,
} from '@/lib/db/ids';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { BuiltIn } from '@/lib/events/built-in';
import { answerFields } from '@/lib/events/form-answers';
import { answerOf, FORM_FIELD } from '@/lib/events/form-field';
import { chosenMessage, LINK_FIELD } from '@/lib/events/message-field';
import type { EventField, FieldType } from '@/lib/events/schema';
import type { Definitions } from './evaluation';
import { TESTS, type Comparison } from '@/lib/attributes/comparison';
import { linksAskedFor } from './field-comparison';
import { linksOfMessages, type LinkOption } from './message-links';
import { conditionsOf, referencesOf, type Condition, type EventCondition, type Rules } from './schema';

type Kind = 'tag' | 'attribute' | 'event';
type Hideable = { name: string; hiddenAt: Date | null; hiddenBy: string | null };
type Thing<Id> = Hideable & { id: Id };

/** 'The tag “VIP” was hidden by Jonas Berg on 24 November 2026.'; undefined if it is not hidden. */
export function hiddenInWords(kind: Kind, { name, hiddenAt, hiddenBy }: Hideable): string | undefined {
  if (hiddenAt === null) return undefined;
  const day = hiddenAt.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `The ${kind} “${name}” was hidden${hiddenBy ? ` by ${hiddenBy}` : ''} on ${day}.`;
}

type KnownField = Omit<EventField, 'type'> & { type: AttributeType; choices?: string[]; options?: LinkOption[] };

/** The link that was clicked. `options`: those of the messages that rules ask for. */
export const linkField = (options: LinkOption[]): KnownField => ({
  code: LINK_FIELD,
  name: 'Link',
  type: 'text',
  options,
});

/** What rules refer to, as it is in the database, hidden or not. */
export type References = {
  tags: Map<TagId, Thing<TagId>>;
  attributes: Map<AttributeId, Thing<AttributeId> & Pick<Attribute, 'code' | 'type' | 'choices'>>;
  events: Map<
    EventTypeId,
    Thing<EventTypeId> & {
      builtIn: BuiltIn | null;
      versions: EventVersionId[];
      /** Answers to forms too, as far as rules refer to them. */
      fields: Map<string, KnownField>;
    }
  >;
  holders: Set<ClaimHolderId>;
  keyspaces: Set<KeyspaceId>;
};

/** Why a condition cannot be evaluated. `reason`: a sentence; `hidden`: the kind of the hidden thing that the sentence names. */
export type Problem = { code: RefusalCode; reason: string; hidden?: Kind };

const missing = (what: string): Problem => ({
  code: 'not_found',
  reason: `This ${what} does not exist in this section.`,
});

/** Why a condition cannot be evaluated; undefined if it can. */
export function problemOf(
  condition: Condition,
  known: References & Pick<Definitions, 'segments'>,
): Problem | undefined {
  const unusable = (kind: Kind, thing: Hideable | undefined): Problem | undefined => {
    if (!thing) return missing(kind);
    const reason = hiddenInWords(kind, thing);
    return reason === undefined ? undefined : { code: 'hidden', reason, hidden: kind };
  };
  switch (condition.kind) {
    case 'tag': {
      const { test, holderId } = condition;
      const noHolder = test === 'held_by' && holderId !== null && !known.holders.has(holderId);
      return unusable('tag', known.tags.get(condition.tagId)) ?? (noHolder ? missing('list') : undefined);
    }
    case 'attribute': {
      const attribute = known.attributes.get(condition.attributeId);
      return unusable('attribute', attribute) ?? unfit(attribute!, condition.compare.test);
    }
    case 'event': {
      const event = known.events.get(condition.eventTypeId);
      const problem = unusable('event', event);
      if (problem) return problem;
      for (const { code, compare } of condition.fields) {
        const field = event!.fields.get(code);
        const wrong = field ? unfit(field, compare.test) : missing(`field “${code}” of the event`);
        if (wrong) return wrong;
        const asked = answerOf(code);
        if (asked && !condition.fields.some((other) => choosesForm(other, asked.formId)))
          return { code: 'invalid', reason: `Choose the form that asks “${field!.name}” first.` };
        const noLink = code === LINK_FIELD && linkProblem(field!, condition.fields, compare);
        if (noLink) return noLink;
      }
      return undefined;
    }
    case 'profile':
      return !('keyspaceId' in condition) || known.keyspaces.has(condition.keyspaceId)
        ? undefined
        : missing('keyspace');
    case 'segment':
      return known.segments.has(condition.segmentId) ? undefined : missing('segment');
  }
}

/** Whether it asks for one form. */
const choosesForm = ({ code, compare }: EventCondition['fields'][number], formId: FormId): boolean =>
  code === FORM_FIELD && compare.test === 'is' && compare.text === String(formId);

/** Why a link cannot be asked for. One that no version has is nobody's, and who has not clicked it would be everybody. */
function linkProblem({ options = [] }: KnownField, fields: EventCondition['fields'], compare: Comparison) {
  const messageId = chosenMessage(fields);
  if (messageId === null) return { code: 'invalid', reason: 'Choose the message that has the link first.' } as const;
  const asked = 'text' in compare ? [compare.text] : 'texts' in compare ? compare.texts : [];
  const isKnown = (key: string) => options.some(({ of, value }) => of === messageId && value === key);
  return asked.every(isKnown) ? undefined : missing('link of the message');
}

function unfit({ name, type }: { name: string; type: AttributeType | FieldType }, test: string): Problem | undefined {
  if ((TESTS[type] as readonly string[]).includes(test)) return undefined;
  return { code: 'invalid', reason: `“${name}” is of the type ${type}: it cannot be compared in this way.` };
}

/** The fields of an event's versions, oldest first: the newest version that has a field defines it. */
export const fieldsOf = (versions: readonly { fields: readonly EventField[] }[]): Map<string, EventField> =>
  new Map(versions.flatMap(({ fields }) => fields.map((field) => [field.code, field])));

/** Looks up what rules refer to. */
export async function lookUp(db: Db, sectionId: SectionId, all: readonly Pick<Rules, 'root'>[]): Promise<References> {
  const conditions = all.flatMap(({ root }) => conditionsOf(root));
  const references = all.map(referencesOf);
  const ids = <Key extends 'tags' | 'attributes' | 'eventTypes'>(key: Key) =>
    references.flatMap((item): number[] => item[key]);
  const byId = <Id, Row extends { id: Id }>(found: Row[]) => new Map(found.map((row) => [row.id, row]));
  const tags = await things<Thing<TagId>>(db, sectionId, ids('tags'), sql`tag`);
  const attributes = await things<Thing<AttributeId> & Pick<Attribute, 'code' | 'type' | 'choices'>>(
    db,
    sectionId,
    ids('attributes'),
    sql`attribute`,
    sql`, thing.code, thing.type, thing.choices`,
  );
  const versions = sql`, thing.built_in as "builtIn", (
    select json_agg(json_build_object('id', version.id, 'fields', version.fields) order by version.id)
    from event_version version
    where version.section_id = ${sectionId} and version.event_type_id = thing.id
  ) as versions`;
  const events = await things<
    Thing<EventTypeId> & { builtIn: BuiltIn | null; versions: { id: EventVersionId; fields: EventField[] }[] }
  >(db, sectionId, ids('eventTypes'), sql`event_type`, versions);
  const claims = conditions.some((item) => item.kind === 'tag' && item.test === 'held_by');
  const holders = claims
    ? await rows<{ id: ClaimHolderId }>(db, sql`select id from claim_holder where section_id = ${sectionId}`)
    : [];
  const keys = conditions.some((item) => item.kind === 'profile');
  const keyspaces = keys
    ? await rows<{ id: KeyspaceId }>(
        db,
        sql`select keyspace.id from keyspace join section using (account_id)
            where section.id = ${sectionId} and keyspace.kind <> 'export'`,
      )
    : [];
  const codes = conditions.flatMap((item) => (item.kind === 'event' ? item.fields.map(({ code }) => code) : []));
  const asked = codes.flatMap((code) => answerOf(code)?.formId ?? []);
  const answers = await answerFields(db, sectionId, [...new Set(asked)]);
  const withLinks = conditions.flatMap((item) => (item.kind === 'event' ? (linksAskedFor(item) ?? []) : []));
  const links = await linksOfMessages(db, sectionId, [...new Set(withLinks)]);
  return {
    tags: byId(tags),
    attributes: byId(attributes),
    events: byId(
      events.map((event) => ({
        ...event,
        versions: event.versions.map((version) => version.id),
        fields: new Map<string, KnownField>([
          ...fieldsOf(event.versions),
          ...(event.builtIn === 'submitted' ? answers : []),
          ...(event.builtIn === 'clicked' ? [[LINK_FIELD, linkField(links)] as const] : []),
        ]),
      })),
    ),
    holders: new Set(holders.map(({ id }) => id)),
    keyspaces: new Set(keyspaces.map(({ id }) => id)),
  };
}

/** `more`: further columns of the table. */
function things<Row>(db: Db, sectionId: SectionId, ids: number[], table: Sql, more = sql``): Promise<Row[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return rows<Row>(
    db,
    sql`
      select thing.id, thing.name, thing.hidden_at as "hiddenAt", app_user.name as "hiddenBy" ${more}
      from ${table} thing
      left join app_user on app_user.id = thing.hidden_by
      where thing.section_id = ${sectionId} and thing.id = any(${ids}::int[])`,
  );
}
