// What rules in a section can refer to, and the names of what existing rules refer to.
import { listAttributes } from '@/lib/attributes/queries';
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import type {
  AccountId,
  AttributeId,
  ClaimHolderId,
  EventTypeId,
  KeyspaceId,
  MessageId,
  SectionId,
  TagId,
} from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { publishedForms, sentMessages } from '@/lib/events/built-in';
import { FORM_FIELD } from '@/lib/events/form-field';
import { LINK_FIELD, MESSAGE_FIELD } from '@/lib/events/message-field';
import { listEventTypes } from '@/lib/events/queries';
import type { EventField } from '@/lib/events/schema';
import { isKept } from '@/lib/profiles/keys';
import { listKeyspaces } from '@/lib/profiles/queries';
import { fieldsOf, hiddenInWords, linkField, lookUp } from './lookup';
import { segmentOptions, type SegmentOption } from './queries';
import type { Rules } from './schema';

/** A hidden thing has `lost`, the reason why it cannot be used; it is included only if rules refer to it. */
type Option<Id> = { id: Id; name: string; lost?: string };

/** `options`: the values that a field can have, if it is one to choose from. `of`: of links, their message. */
export type VocabularyField = Omit<EventField, 'type'> & {
  type: AttributeType;
  options?: { value: string; label: string; of?: MessageId }[];
  /** Of an answer to a form: what can be chosen. */
  choices?: string[];
};

/** Plain data, for the server and the browser. */
export type Vocabulary = {
  tags: Option<TagId>[];
  attributes: (Option<AttributeId> & Pick<Attribute, 'code' | 'type' | 'choices'>)[];
  events: (Option<EventTypeId> & { fields: VocabularyField[] })[];
  segments: SegmentOption[];
  keyspaces: { id: KeyspaceId; name: string }[];
  holders: { id: ClaimHolderId; name: string }[];
};

/** `rules`: rules whose hidden parts are included. */
export async function vocabularyOf(
  db: Db,
  { accountId, sectionId }: { accountId: AccountId; sectionId: SectionId },
  rules: readonly Pick<Rules, 'root'>[] = [],
): Promise<Vocabulary> {
  const [known, attributes, events, segments, keyspaces, holders] = await Promise.all([
    lookUp(db, sectionId, rules),
    listAttributes(db, sectionId),
    listEventTypes(db, sectionId, { builtIn: true }),
    segmentOptions(db, sectionId),
    listKeyspaces(db, accountId),
    rows<{ id: ClaimHolderId; name: string }>(
      db,
      sql`select id, name from claim_holder where section_id = ${sectionId} order by name`,
    ),
  ]);
  const has = (code: string) =>
    events.some(({ builtIn, versions }) => builtIn !== null && versions[0]?.fields[0]?.code === code);
  const options = new Map([
    [MESSAGE_FIELD, has(MESSAGE_FIELD) ? await sentMessages(db, sectionId) : []],
    [FORM_FIELD, has(FORM_FIELD) ? await publishedForms(db, sectionId) : []],
  ]);
  const withOptions = (own: boolean, field: VocabularyField): VocabularyField => {
    const chosen = own ? options.get(field.code) : undefined;
    return chosen ? { ...field, options: chosen } : field;
  };
  const eventsWithFields = events.map((event) => ({
    ...event,
    fields: new Map<string, VocabularyField>([
      ...fieldsOf([...event.versions].reverse()),
      // The links of the messages that rules ask for; others are read when a message is chosen.
      ...(event.builtIn === 'clicked' ? [[LINK_FIELD, linkField([])] as const] : []),
    ]),
  }));
  return {
    tags: [...known.tags.values()].map((tag) => ({ id: tag.id, name: tag.name, lost: hiddenInWords('tag', tag) })),
    attributes: [...attributes, ...hidden(known.attributes)].map(({ id, code, name, type, choices }) => {
      const used = known.attributes.get(id);
      return { id, code, name, type, choices, lost: used && hiddenInWords('attribute', used) };
    }),
    events: [...eventsWithFields, ...hidden(known.events)].map(({ id, name, fields, builtIn }) => {
      const used = known.events.get(id);
      // Answers to forms are there only as far as rules refer to them: the others are read when a form is chosen.
      const all = new Map<string, VocabularyField>([...fields, ...(used?.fields ?? [])]);
      const shown = [...all.values()].map((field) => withOptions(builtIn !== null, field));
      return { id, name, fields: shown, lost: used && hiddenInWords('event', used) };
    }),
    segments,
    keyspaces: keyspaces.filter(({ kind }) => isKept(kind)).map(({ id, name }) => ({ id, name })),
    holders,
  };
}

const hidden = <Of extends { hiddenAt: Date | null }>(things: ReadonlyMap<unknown, Of>): Of[] =>
  [...things.values()].filter(({ hiddenAt }) => hiddenAt !== null);
