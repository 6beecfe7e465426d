// Shapes of A/B tests. Imports no server code, so that the browser can use it.
import { z } from 'zod';
import { allBlocks, linksOf } from '@/lib/mail-document/blocks';
import { MailDocumentSchema, type MailDocument } from '@/lib/mail-document/schema';

/** Variants of one message, of which everybody gets one. */
export const VARIANTS_MAX = 3;
export const HOURS_MAX = 7 * 24;

/**
 * An A/B test of a message. `what`: what differs. `others`: variants B and C; where only the subject differs, their blocks are not looked at.
 * `share`: percent of the audience who get a variant at random; 100: all. The others wait `hours` after the last mail of the test, and then get one:
 * the one that more people clicked, or the one that a person chooses. `close`: what they get if it is too close to call.
 */
export const AbTestSchema = z.object({
  what: z.enum(['subject', 'message']),
  others: z
    .array(MailDocumentSchema)
    .min(1)
    .max(VARIANTS_MAX - 1),
  share: z.int('Enter a whole number.').min(1, 'Enter 1 or more.').max(100, 'Enter at most 100.'),
  hours: z.int('Enter a whole number.').min(1, 'Enter 1 or more.').max(HOURS_MAX, `Enter at most ${HOURS_MAX}.`),
  decides: z.enum(['clicks', 'person']),
  close: z.enum(['ask', 'first']),
});
export type AbTest = z.output<typeof AbTestSchema>;

/** The documents of an email, A first. */
export function variantsOf({ document, ab }: { document: MailDocument; ab: AbTest | null }): MailDocument[] {
  const others = ab?.others ?? [];
  return [
    document,
    ...(ab?.what === 'subject'
      ? others.map(({ subject, preheader }) => ({ ...document, subject, preheader }))
      : others),
  ];
}

/** Whether a document has a link that can be counted. */
export const hasWebLink = (document: MailDocument): boolean =>
  allBlocks(document).some((block) => linksOf(block).some((address) => /^https?:/i.test(address)));

/** Why a test could say nothing, in words; null: it could. */
export function problemOfTest(
  content: { document: MailDocument; ab: AbTest | null },
  { trackClicks }: { trackClicks: boolean },
): string | null {
  const { ab } = content;
  if (!ab) return null;
  const variants = variantsOf(content);
  const texts = variants.map((document) => JSON.stringify(document));
  const twin = texts.findIndex((text, variant) => texts.indexOf(text) < variant);
  if (twin > 0) {
    return `The variants ${variantName(texts.indexOf(texts[twin]!))} and ${variantName(twin)} say the same.`;
  }
  if (ab.decides !== 'clicks' || ab.share === 100) return null;
  if (!trackClicks) return 'It goes by clicks, and this message does not count them.';
  const without = variants.findIndex((document) => !hasWebLink(document));
  return without >= 0 ? `It goes by clicks, and variant ${variantName(without)} has no link.` : null;
}

/** 'A' of 0. */
export const variantName = (variant: number): string => String.fromCharCode(65 + variant);

/** What a send keeps of its message's test. */
export const SendTestSchema = AbTestSchema.omit({ others: true }).extend({
  variants: z.int().min(2).max(VARIANTS_MAX),
});
export type SendTest = z.output<typeof SendTestSchema>;

/** What people of the test part did with a variant. `clicked`: people, machines left out. */
export type VariantTally = {
  variant: number;
  people: number;
  sent: number;
  clicked: number;
  opened: number;
  left: number;
};

/** What a test came to. `p`: how likely such a difference is by chance; null: there was nothing to compare. `best`: who had most. */
export type AbResult = { verdict: 'better' | 'close'; best: number; p: number | null; tallies: VariantTally[] };
