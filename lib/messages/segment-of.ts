// A segment of those whom a message's report shows: rules over the same events.
import type { EventTypeId, MessageId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { BuiltIn } from '@/lib/events/built-in';
import { LINK_FIELD, MESSAGE_FIELD } from '@/lib/events/message-field';
import { RulesSchema, type Rules } from '@/lib/segments/schema';
import type { ReportGroup } from './report-schema';

/** What people of a group did, and did not do. */
const DID: Record<ReportGroup, { did: BuiltIn; not?: BuiltIn }> = {
  got: { did: 'got' },
  opened: { did: 'opened' },
  clicked: { did: 'clicked' },
  not_opened: { did: 'got', not: 'opened' },
  not_clicked: { did: 'got', not: 'clicked' },
  left: { did: 'left' },
  bounced: { did: 'bounced' },
};

/** Rules for a group of a message's recipients; undefined if no message has gone out in the section. `link`: only those who clicked this one, by its key. */
export async function messageSegmentRules(
  db: Db,
  sectionId: SectionId,
  messageId: MessageId,
  group: ReportGroup,
  link?: string,
): Promise<Rules | undefined> {
  const types = await rows<{ builtIn: BuiltIn; id: EventTypeId }>(
    db,
    sql`select built_in as "builtIn", id from event_type where section_id = ${sectionId} and built_in is not null`,
  );
  const { did, not } = DID[link === undefined ? group : 'clicked'];
  const condition = (builtIn: BuiltIn, test: 'did' | 'did_not') => ({
    kind: 'event',
    eventTypeId: types.find((type) => type.builtIn === builtIn)?.id,
    test,
    fields: [
      { code: MESSAGE_FIELD, compare: { test: 'is', text: String(messageId) } },
      ...(link === undefined ? [] : [{ code: LINK_FIELD, compare: { test: 'is', text: link } }]),
    ],
  });
  if (types.length === 0) return undefined;
  const items = [condition(did, 'did'), ...(not ? [condition(not, 'did_not')] : [])];
  return RulesSchema.parse({ timeZone: 'Etc/UTC', root: { kind: 'group', match: 'all', items } });
}
