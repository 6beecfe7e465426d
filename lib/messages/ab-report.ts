// What a message's A/B test came to, for its report: by variant, those of the test part and the others apart.
import type { MessageId, SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { plainText } from '@/lib/mail-document/template';
import { variantsOf, type AbResult, type SendTest } from './ab-schema';
import type { ReportTest, ReportVariant } from './report-schema';
import { ContentSchema } from './schema';

/** The test of a message's last send with one; null if there was none. */
export async function reportedTest(db: Db, sectionId: SectionId, messageId: MessageId): Promise<ReportTest | null> {
  const found = await maybeOne<{
    id: number;
    ab: SendTest;
    result: AbResult | null;
    winner: number | null;
    winnerBy: string | null;
    content: unknown;
  }>(
    db,
    sql`
      select send.id, send.ab, send.ab_result as result, send.winner, app_user.name as "winnerBy", version.content
      from send
      join message_version version
        on version.section_id = ${sectionId} and version.message_id = send.message_id and version.version = send.version
      left join app_user on app_user.id = send.winner_by
      where send.section_id = ${sectionId} and send.message_id = ${messageId} and send.ab is not null
        and send.frozen_at is not null
      order by send.id desc
      limit 1`,
  );
  if (!found) return null;
  const { id, ab, content: stored, ...rest } = found;
  const content = ContentSchema.parse(stored);
  const variants = await rows<ReportVariant>(
    db,
    sql`
      select recipient.variant, case when recipient.in_test then 'test' else 'rest' end as part, count(*)::int as people,
        (count(*) filter (where state = 'sent'))::int as sent,
        (count(*) filter (where opened_at is not null))::int as opened,
        (count(*) filter (where clicked_at is not null))::int as clicked,
        (count(*) filter (where left_at is not null))::int as left
      from recipient
      where recipient.section_id = ${sectionId} and recipient.send_id = ${id}
        and (recipient.in_test or ${rest.winner}::int is not null)
      group by recipient.variant, recipient.in_test
      order by recipient.in_test desc, recipient.variant`,
  );
  return {
    ...rest,
    decides: ab.decides,
    subjects: content.channel === 'email' ? variantsOf(content).map(({ subject }) => plainText(subject)) : [],
    variants,
  };
}
