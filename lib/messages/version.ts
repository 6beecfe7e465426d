// The content of a message, made ready to be sent: whole, compiled, and with something to say to everybody.
import { refuse } from '@/lib/access/refusal';
import { candidates, type About } from '@/lib/audience/candidates';
import type { OpenAudience } from '@/lib/audience/open';
import type { AttributeId, SectionId } from '@/lib/db/ids';
import { join, one, rows, sql, type Db } from '@/lib/db/sql';
import { allBlocks, variablesOf } from '@/lib/mail-document/blocks';
import { compileVariants, type CompiledMail } from '@/lib/mail-document/compile';
import { footerWords } from '@/lib/mail-document/footer-words';
import { strayIn } from '@/lib/mail-document/problems';
import { variantName, variantsOf } from './ab-schema';
import { brandOf } from './brand';
import type { Content, MessageSettings } from './schema';
import { compileSms, requireSmsText, type CompiledSms } from './sms-content';
import { withoutLinks } from './sms-links';
import { unknownNames } from './sms-written';

/** The content of an email. */
export type EmailContent = Extract<Content, { channel: 'email' }>;

/** Refuses an email without a subject, in any of its variants. */
export function requireSubject(content: Content): void {
  if (content.channel === 'sms') return;
  variantsOf(content).forEach(({ subject }, variant) => {
    if (subject.some((piece) => piece.type !== 'text' || piece.text.trim() !== '')) return;
    refuse('invalid', `${ofVariant(content, variant)}Write a subject.`, { field: 'content.subject' });
  });
}

const ofVariant = ({ ab }: EmailContent, variant: number): string => (ab ? `Variant ${variantName(variant)}: ` : '');

/** Refuses a content without a subject, or that says nothing, in any of its variants. */
export function requireContent(sectionId: SectionId, content: Content, settings: MessageSettings): void {
  requireSubject(content);
  requireText(sectionId, content, settings);
}

/** The same of the text alone. */
export function requireText(sectionId: SectionId, content: Content, settings: MessageSettings): void {
  if (content.channel === 'sms') return requireSmsText(sectionId, content.text, settings);
  variantsOf(content).forEach((document, variant) => {
    if (allBlocks(document).some(({ kind }) => kind !== 'footer' && kind !== 'divider')) return;
    refuse('invalid', `${ofVariant(content, variant)}Write something: the message is empty.`, { field: 'content' });
  });
}

/** Refuses a content with a field in braces that is no value: people would read it as it is written. */
export function requireNoStray(content: Content): void {
  const [field] =
    content.channel === 'sms' ? unknownNames(content.text) : variantsOf(content).flatMap((one) => strayIn(one) ?? []);
  if (field === undefined) return;
  refuse(
    'invalid',
    `“${field}” is no value of this section: people would read it as written. Insert a value instead.`,
    {
      field: 'content',
    },
  );
}

/** What a content is sent from: the templates of an email, with the look that the section has now, or the text of an SMS. */
export const compileVersion = (db: Db, sectionId: SectionId, content: Content): Promise<CompiledMail | CompiledSms> =>
  content.channel === 'email' ? compileEmail(db, sectionId, content) : compileSms(db, sectionId, content.text);

/** The templates of an email. */
export async function compileEmail(db: Db, sectionId: SectionId, content: EmailContent): Promise<CompiledMail> {
  const brand = await brandOf(db, sectionId);
  return compileVariants(variantsOf(content), brand, footerWords(brand.language));
}

/** The values of people in the texts of a content, each with what stands there for people without one. In links, nothing does. */
export const valuesIn = (content: Content): { attributeId: AttributeId; fallback: string }[] =>
  content.channel === 'email'
    ? variantsOf(content).flatMap(variablesOf)
    : withoutLinks(content.text).flatMap((piece) => (piece.type === 'variable' ? [piece] : []));

/** An attribute that is used without a fallback, and how many people of the audience have no value. */
export type MissingFallback = { attributeId: AttributeId; name: string; people: number };

/** For whom a text would have gaps: attributes without a fallback that not everybody has. */
export async function missingFallbacks(
  db: Db,
  open: OpenAudience,
  about: About,
  content: Content,
  now: Date,
): Promise<MissingFallback[]> {
  const ids = [...new Set(valuesIn(content).flatMap((one) => (one.fallback.trim() === '' ? [one.attributeId] : [])))];
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
  content: Content,
  now: Date,
): Promise<void> {
  const [missing] = await missingFallbacks(db, open, about, content, now);
  if (!missing) return;
  const whom = missing.people === 1 ? 'One person has' : `${missing.people.toLocaleString('en-GB')} people have`;
  refuse('invalid', `${whom} no “${missing.name}”. Say in the content what stands there instead.`, {
    field: 'content',
  });
}
