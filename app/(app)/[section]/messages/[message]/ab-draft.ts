// Changes of a draft's A/B test.
import { variantsOf, type AbTest } from '@/lib/messages/ab-schema';
import type { EmailDraft } from './draft';

type Document = EmailDraft['document'];

/** What a test begins with. */
const BEGINS: Pick<AbTest, 'share' | 'hours' | 'decides' | 'close'> = {
  share: 20,
  hours: 4,
  decides: 'clicks',
  close: 'ask',
};

/** What a variant has of its own where only the subject differs. */
const headOf = ({ subject, preheader }: Document): Document => ({ subject, preheader, blocks: [] });

/** With another document for a variant; A is 0. */
export function withVariant(content: EmailDraft, variant: number, document: Document): EmailDraft {
  const { ab } = content;
  if (variant === 0 || !ab) return { ...content, document };
  const own = ab.what === 'subject' ? headOf(document) : document;
  return { ...content, ab: { ...ab, others: ab.others.map((other, index) => (index === variant - 1 ? own : other)) } };
}

/** With a test of something else, or with none. A new variant begins as A, so that one thing can be changed. */
export function withTestOf(content: EmailDraft, what: AbTest['what'] | 'none'): EmailDraft {
  if (what === 'none') return { ...content, ab: null };
  const [document, ...others] = variantsOf(content);
  const own = (one: Document) => (what === 'subject' ? headOf(one) : one);
  return {
    ...content,
    ab: { ...BEGINS, ...content.ab, what, others: others.length > 0 ? others.map(own) : [own(document!)] },
  };
}

/** With one more variant, or without the variant. */
export const withOneMore = (content: EmailDraft): EmailDraft => {
  const { ab, document } = content;
  if (!ab) return content;
  return { ...content, ab: { ...ab, others: [...ab.others, ab.what === 'subject' ? headOf(document) : document] } };
};
export const without = (content: EmailDraft, variant: number): EmailDraft =>
  content.ab
    ? { ...content, ab: { ...content.ab, others: content.ab.others.filter((_, index) => index !== variant - 1) } }
    : content;
