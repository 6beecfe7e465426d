// Events and segments of the demo account: what people opened and ordered, and the groups that the team watches.
import type { UserActor } from '@/lib/access/actor';
import type { Command } from '@/lib/access/command';
import type { EventTypeId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createEventType } from '@/lib/events/commands';
import { createSegment } from '@/lib/segments/commands';

const MONTH_MINUTES = 30 * 1_440;
const TIME_ZONE = 'Europe/Stockholm';

/** Creates them as the given actor. */
export async function addSegments(actor: UserActor, sectionId: SectionId): Promise<void> {
  const opened = await addEvent(actor, sectionId, {
    name: 'Email opened',
    description: 'Sent by the newsletter tool.',
    fields: [{ code: 'subject', name: 'Subject', type: 'text' }],
    often: 3,
  });
  await addEvent(actor, sectionId, {
    name: 'Order placed',
    description: 'Sent by the web shop.',
    fields: [
      { code: 'amount', name: 'Amount', type: 'number' },
      { code: 'product', name: 'Product', type: 'text' },
    ],
    often: 1,
  });
  const named = async (table: 'tag' | 'attribute') => {
    const found = await rows<{ id: number; name: string }>(
      pool(),
      sql`select id, name from ${table === 'tag' ? sql`tag` : sql`attribute`} where section_id = ${sectionId}`,
    );
    return (name: string) => found.find((item) => item.name === name)!.id;
  };
  const [tagId, attributeId] = [await named('tag'), await named('attribute')];
  const tag = (name: string, test = 'has', more = {}) => ({ kind: 'tag', tagId: tagId(name) as TagId, test, ...more });
  const attribute = (name: string, compare: object) => ({ kind: 'attribute', attributeId: attributeId(name), compare });
  const group = (match: 'all' | 'any' | 'none', ...items: object[]) => ({ kind: 'group', match, items });
  const last = (count: number) => ({ kind: 'last', count, unit: 'days' });
  const writable = await save(
    'Everyone we may write to',
    'Use it in every Send To.',
    group('none', tag('Do not contact'), tag('Competitor'), tag('Internal team')),
  );
  await save(
    'VIPs and partners in Sweden who are quiet',
    'For a call from the shop, not for another newsletter.',
    group(
      'all',
      group('any', tag('VIP'), tag('Partner')),
      tag('Do not contact', 'has_not'),
      attribute('Country', { test: 'is', text: 'Sweden' }),
      { kind: 'event', eventTypeId: opened, test: 'did_not', when: last(90) },
    ),
  );
  await save(
    'Newsletter readers',
    'Signed up and reads it.',
    group('all', tag('Newsletter Sign-up'), { kind: 'event', eventTypeId: opened, test: 'did', when: last(60) }),
  );
  await save(
    'New leads of the month',
    '',
    group('all', tag('LinkedIn Lead', 'got', { when: last(30) }), tag('Active Customer', 'has_not')),
  );
  await save(
    'Could be VIPs',
    'Spend a lot and are not VIPs yet. Maja decides.',
    group('all', attribute('Total spend', { test: 'at_least', number: 12_000 }), tag('VIP', 'has_not'), {
      kind: 'segment',
      segmentId: writable,
      test: 'in',
    }),
  );

  async function save(name: string, description: string, root: object): Promise<SegmentId> {
    const rules = { timeZone: TIME_ZONE, root };
    const { id } = await done(createSegment, { sectionId, name, description, rules });
    return id;
  }

  async function done<Output>(command: Command<Output>, input: object): Promise<Output> {
    const result = await command(actor, input);
    if (!result.ok) throw new Error(result.refusal.message);
    return result.value;
  }
}

type SampleEvent = { name: string; description: string; fields: object[]; often: number };

/** The event, and when people did it: some often, a third never, by a hash of the profile. */
async function addEvent(actor: UserActor, sectionId: SectionId, event: SampleEvent): Promise<EventTypeId> {
  const { often, ...definition } = event;
  const now = new Date();
  const made = await createEventType(actor, { sectionId, ...definition });
  if (!made.ok) throw new Error(made.refusal.message);
  await execute(
    pool(),
    sql`
      insert into profile_event (section_id, profile_id, version_id, at, data)
      select profile.section_id, profile.id, version.id, happened.at,
        case when ${often}::int = 1
          then jsonb_build_object('amount', 200 + happened.hash % 4800, 'product',
                                  (array['Shell jacket','Wool base layer','Tent','Stove','Boots'])[1 + happened.hash % 5])
          else jsonb_build_object('subject', 'News of ' || to_char(happened.at, 'FMMonth'))
        end
      from profile
      join event_version version on version.section_id = profile.section_id and version.event_type_id = ${made.value.id}
      cross join generate_series(1, ${often}::int) nth
      cross join lateral (
        -- An order is the last one that the profile's attributes know. Emails are opened in different months.
        select hash, case when ${often}::int = 1
          then (profile.attributes ->> 'lastorder')::timestamptz + make_interval(mins => hash % 1440)
          else ${now}::timestamptz - make_interval(mins => hash % ${MONTH_MINUTES}::int + (nth - 1) * ${2 * MONTH_MINUTES + 1_440}::int)
        end as at
        from (select (hashint8(profile.id * 131 + nth * 7 + ${often}::int)::bigint & 262143)::int as hash) made
      ) happened
      where profile.section_id = ${sectionId} and hashint8(profile.id * 13 + ${often}::int) % 3 <> 0
        and happened.at > profile.created_at and happened.at < ${now}::timestamptz
      order by happened.at`,
  );
  return made.value.id;
}
