// What a message's A/B test becomes when it is scheduled.
import { refuse } from '@/lib/access/refusal';
import type { MessageId, SectionId } from '@/lib/db/ids';
import { maybeOne, sql, type Db } from '@/lib/db/sql';
import { problemOfTest, variantsOf, type SendTest } from './ab-schema';
import type { Content, MessageSettings } from './schema';

/** The test of a send; null: the message has none. Refuses one that could not say anything. */
export function testOf(content: Content, settings: MessageSettings): SendTest | null {
  if (content.channel !== 'email' || !content.ab) return null;
  const { ab } = content;
  const problem = problemOfTest(content, settings);
  if (problem !== null) refuse('invalid', `The A/B test: ${problem}`, { field: 'content' });
  const { what, share, hours, decides, close } = ab;
  return { what, share, hours, decides, close, variants: 1 + ab.others.length };
}

/** The content that new people get after a test: the variant that the others got, else A. */
export async function withoutTest(
  db: Db,
  sectionId: SectionId,
  messageId: MessageId,
  content: Content,
): Promise<Content> {
  if (content.channel !== 'email' || !content.ab) return content;
  const last = await maybeOne<{ winner: number }>(
    db,
    sql`
      select winner from send
      where section_id = ${sectionId} and message_id = ${messageId} and winner is not null
      order by id desc limit 1`,
  );
  return { ...content, document: variantsOf(content)[last?.winner ?? 0]!, ab: null };
}
