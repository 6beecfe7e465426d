// Makes the templates of a document, once for each version of a message.
import type { AttributeId, TagId } from '@/lib/db/ids';
import { referencesOf } from './blocks';
import { toMarkup, type FooterWords } from './markup';
import { toPlainPart } from './plain-part';
import type { Brand, MailDocument } from './schema';
import { TemplateParts, type Given, type Link } from './template';

/** Liquid templates. `fallbacks` are used by their place in the list. */
export type Templates = { subject: string; preheader: string; html: string; text: string; fallbacks: string[] };

/** Templates with what they need. `links` are used by their place in the list. */
export type CompiledMail = Templates & {
  links: Link[];
  /** What a call of the API gives. */
  given: Given[];
  attributeIds: AttributeId[];
  tagIds: TagId[];
  /** In which values are written, as in HTML. */
  language: string;
  /** Variants B and C of an A/B test. What they need is in what A needs. */
  others?: Templates[];
};

/** The variants of an A/B test as one mail: a link that stands in several of them is one link. */
export async function compileVariants(
  documents: readonly MailDocument[],
  brand: Brand,
  words: FooterWords,
): Promise<CompiledMail> {
  const links: Link[] = [];
  const mails: CompiledMail[] = [];
  for (const document of documents) mails.push(await compileMail(document, brand, words, links));
  return {
    ...mails[0]!,
    given: allGiven(mails.flatMap(({ given }) => given)),
    attributeIds: [...new Set(mails.flatMap(({ attributeIds }) => attributeIds))],
    tagIds: [...new Set(mails.flatMap(({ tagIds }) => tagIds))],
    ...(mails.length > 1 && {
      others: mails
        .slice(1)
        .map(({ subject, preheader, html, text, fallbacks }) => ({ subject, preheader, html, text, fallbacks })),
    }),
  };
}

const allGiven = (given: readonly Given[]): Given[] =>
  [...new Set(given.map(({ name }) => name))].map((name) => ({
    name,
    required: given.some((one) => one.name === name && one.required),
  }));

/** One variant of a compiled mail; A is 0. */
export const variantOf = (mail: CompiledMail, variant: number): CompiledMail =>
  variant === 0 ? mail : { ...mail, ...mail.others?.[variant - 1] };

/**
 * Compiles a document. `links`: those of another variant, to which its own are added. Throws if MJML refuses what we wrote: a fault of ours,
 * not of the document.
 */
export async function compileMail(
  document: MailDocument,
  brand: Brand,
  words: FooterWords,
  links: Link[] = [],
): Promise<CompiledMail> {
  // Loaded when first needed: it takes a second and 80 MB, and few processes compile.
  const { default: mjml2html } = await import('mjml');
  const parts = new TemplateParts(links);
  const markup = toMarkup(document, parts, brand, words);
  // Without fonts of its own: MJML would have readers load them from Google.
  const options = { validationLevel: 'strict', keepComments: false, fonts: {} } as const;
  const { html, errors } = await mjml2html(markup, options);
  if (errors.length > 0) throw new Error(`MJML: ${errors.map(({ formattedMessage }) => formattedMessage).join('; ')}`);
  return {
    subject: parts.plain(document.subject),
    preheader: parts.plain(document.preheader),
    html: withPicture(closeUp(html)),
    text: toPlainPart(document, parts, brand, words),
    links: parts.links,
    fallbacks: parts.fallbacks,
    given: parts.given,
    ...referencesOf(document),
    language: brand.language,
  };
}

/** With the picture that says that a mail was opened, where that is to be known. */
const withPicture = (html: string): string =>
  html.replace(
    /<\/body>\s*<\/html>\s*$/,
    (end) =>
      `{% if open_url %}<img src="{{ open_url }}" width="1" height="1" alt="" style="display:block;border:0">{% endif %}${end}`,
  );

/** Without the indentation that MJML writes, a quarter of the size: Gmail cuts a mail at 102 kB. */
const closeUp = (html: string): string => html.replace(/\n\s*/g, '\n');
