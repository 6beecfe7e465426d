// The content of a message, made ready to be sent: whole, compiled, and with something to say to everybody.
import { refuse } from '@/lib/access/refusal';
import { candidates, type About } from '@/lib/audience/candidates';
import type { OpenAudience } from '@/lib/audience/open';
import type { AttributeId, SectionId } from '@/lib/db/ids';
import { join, one, rows, sql, type Db } from '@/lib/db/sql';
import { allBlocks, variablesOf } from '@/lib/mail-document/blocks';
import { compileMail, type CompiledMail } from '@/lib/mail-document/compile';
import { footerWords } from '@/lib/mail-document/footer-words';
import type { MailDocument } from '@/lib/mail-document/schema';
import { brandOf } from './brand';
import type { Content } from './schema';

/** The content of an email. Refuses what says nothing. */
export function requireContent(content: Content): Extract<Content, { channel: 'email' }> {
  if (content.channel !== 'email') return refuse('invalid', 'Text messages cannot be sent yet.', { field: 'content' });
  const { subject } = content.document;
  const says = subject.some((piece) => piece.type === 'variable' || piece.text.trim() !== '');
  if (!says) refuse('invalid', 'Write a subject.', { field: 'content.subject' });
  if (allBlocks(content.document).every(({ kind }) => kind === 'footer' || kind === 'divider')) {
    refuse('invalid', 'Write something: the message is empty.', { field: 'content' });
  }
  return content;
}

/** The templates of a content, with the look that the section has now. */
export async function compileVersion(
  db: Db,
  sectionId: SectionId,
  { document }: Extract<Content, { channel: 'email' }>,
): Promise<CompiledMail> {
  const brand = await brandOf(db, sectionId);
  return compileMail(document, brand, footerWords(brand.language));
}

/** An attribute that is used without a fallback, and how many people of the audience have no value. */
export type MissingFallback = { attributeId: AttributeId; name: string; people: number };

/** For whom a text would have gaps: attributes without a fallback that not everybody has. */
export async function missingFallbacks(
  db: Db,
  open: OpenAudience,
  about: About,
  document: MailDocument,
  now: Date,
): Promise<MissingFallback[]> {
  const ids = [
    ...new Set(variablesOf(document).flatMap((one) => (one.fallback.trim() === '' ? [one.attributeId] : []))),
  ];
  if (ids.length === 0) return [];
  const fields = await rows<{ id: AttributeId; code: string; name: string }>(
    db,
    sql`
      select id, code, name from attribute
      where section_id = ${about.sectionId} and id = any(${ids}::int[]) order by name`,
  );
  if (fields.length === 0) return [];
  const counts = fields.map(
    ({ code }) => sql`count(*) filter (where coalesce(btrim(profile.attributes ->> ${code}), '') = '')::int`,
  );
  const { people } = await one<{ people: number[] }>(
    db,
    sql`
      select array[${join(counts, ', ')}] as people
      from (${candidates(open, about, now)}) candidate
      join profile on profile.section_id = ${about.sectionId} and profile.id = candidate.profile_id
      where candidate.reason = 'gets'`,
  );
  return fields.flatMap(({ id, name }, index) =>
    people[index]! > 0 ? [{ attributeId: id, name, people: people[index]! }] : [],
  );
}

/** Refuses a content with gaps for somebody in the audience. */
export async function requireFallbacks(
  db: Db,
  open: OpenAudience,
  about: About,
  { document }: { document: MailDocument },
  now: Date,
): Promise<void> {
  const [missing] = await missingFallbacks(db, open, about, document, now);
  if (!missing) return;
  const whom = missing.people === 1 ? 'One person has' : `${missing.people.toLocaleString('en-GB')} people have`;
  refuse('invalid', `${whom} no “${missing.name}”. Say in the content what stands there instead.`, {
    field: 'content',
  });
}
