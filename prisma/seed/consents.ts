// Sample topics, and what the sample people have agreed to: by a form, an import, and by leaving again.
import { changeConsents } from '@/lib/consents/change';
import type { Channel, ConsentType } from '@/lib/consents/schema';
import type { SectionId, TopicId } from '@/lib/db/ids';
import { one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { nameKey } from '@/lib/naming/names';
import { suppress } from '@/lib/suppression/change';

const DAY_MS = 86_400_000;

const TOPICS = [
  { name: 'Newsletter', folder: 'Northern Outfitters', description: 'News from the shop, once a month.' },
  { name: 'Offers', folder: 'Northern Outfitters', description: 'Reduced goods, at most once a week.' },
  { name: 'Courses and events', folder: 'Stores', description: 'What happens in the stores near you.' },
] as const;

type Given = {
  topic: (typeof TOPICS)[number]['name'];
  channel: Channel;
  type: ConsentType;
  /** How long ago. */
  days: number;
  by: 'person' | 'api';
  source: string;
  /** Whom, by the number of the profile. */
  who: Sql;
};

const GIVEN: readonly Given[] = [
  {
    ...{ topic: 'Newsletter', channel: 'email', type: 'confirmed-opt-in', days: 310, by: 'api' },
    ...{ source: 'form Newsletter', who: sql`id % 10 < 6` },
  },
  {
    ...{ topic: 'Newsletter', channel: 'email', type: 'pending-opt-in', days: 6, by: 'api' },
    ...{ source: 'form Newsletter', who: sql`id % 10 = 6` },
  },
  {
    ...{ topic: 'Newsletter', channel: 'email', type: 'opt-out', days: 75, by: 'person' },
    ...{ source: 'preference page', who: sql`id % 20 = 3` },
  },
  {
    ...{ topic: 'Offers', channel: 'email', type: 'opt-in', days: 190, by: 'api' },
    ...{ source: 'checkout of the web shop', who: sql`id % 3 = 0` },
  },
  {
    ...{ topic: 'Offers', channel: 'sms', type: 'opt-in', days: 120, by: 'api' },
    ...{ source: 'checkout of the web shop', who: sql`id % 9 = 0` },
  },
  {
    ...{ topic: 'Courses and events', channel: 'email', type: 'opt-in', days: 40, by: 'api' },
    ...{ source: 'sign-up sheet, store in Oslo', who: sql`id % 7 = 0` },
  },
];

const BOUNCED = sql`id % 83 = 0`;

/** Creates the topics of a section, and the consents of its profiles. */
export async function addConsents(tx: Tx, sectionId: SectionId): Promise<void> {
  const ids = new Map<string, TopicId>();
  for (const { name, folder, description } of TOPICS) {
    const { id } = await one<{ id: TopicId }>(
      tx,
      sql`
        insert into topic (section_id, discriminator, name, name_key, folder, description)
        values (${sectionId}, ${newDiscriminator('topics', name)}, ${name}, ${nameKey(name)}, ${folder}, ${description})
        returning id`,
    );
    ids.set(name, id);
  }
  for (const { topic, channel, type, days, by, source, who } of GIVEN) {
    const about = TOPICS.find(({ name }) => name === topic)!;
    await changeConsents(
      tx,
      { sectionId, source: by, userId: null, at: new Date(Date.now() - days * DAY_MS) },
      sql`
        select id as profile_id, ${ids.get(topic)}::int as topic_id, ${channel}::text as channel, ${type}::text as type,
          ''::text as reason, ${source}::text as source, ${`${about.name}\n${about.description}`}::text as wording,
          ''::text as proof
        from profile where section_id = ${sectionId} and ${who}`,
    );
  }
  await suppress(
    tx,
    { sectionId, userId: null },
    sql`
      select 'email'::text as channel, attributes ->> 'email' as address_key, 'hard'::text as reason,
        '550 5.1.1 No such mailbox'::text as evidence
      from profile where section_id = ${sectionId} and ${BOUNCED} and attributes ->> 'email' is not null`,
  );
}
