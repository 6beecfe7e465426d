// Makes the templates of a document, once for each version of a message.
import type { AttributeId, TagId } from '@/lib/db/ids';
import { referencesOf } from './blocks';
import { toMarkup, type FooterWords } from './markup';
import { toPlainPart } from './plain-part';
import type { Brand, MailDocument } from './schema';
import { TemplateParts, type Link } from './template';

/** Liquid templates with what they need. `links` and `fallbacks` are used by their place in the list. */
export type CompiledMail = {
  subject: string;
  preheader: string;
  html: string;
  text: string;
  links: Link[];
  fallbacks: string[];
  attributeIds: AttributeId[];
  tagIds: TagId[];
  /** In which values are written, as in HTML. */
  language: string;
};

/** Compiles a document. Throws if MJML refuses what we wrote: a fault of ours, not of the document. */
export async function compileMail(document: MailDocument, brand: Brand, words: FooterWords): Promise<CompiledMail> {
  // Loaded when first needed: it takes a second and 80 MB, and few processes compile.
  const { default: mjml2html } = await import('mjml');
  const parts = new TemplateParts();
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
