// Fills the templates of a message for one person: for the mail, its preview, its test and its web page alike.
import type { AttributeId, TagId } from '@/lib/db/ids';
import type { CompiledMail } from './compile';
import type { LinkValues } from './link-values';
import { fill, joined, parseTemplate, type Pieces, type Scope } from './fill';
import { attributeName, givenName, tagName } from './template';

/** The person a message is written to. Values are words for people, as the section writes dates and numbers. */
export type Recipient = {
  values: ReadonlyMap<AttributeId, string>;
  /** As they are stored, of the attributes that stand in links. */
  linkValues?: LinkValues;
  tags: ReadonlySet<TagId>;
  /** What a call of the API gave, by name. */
  given?: Readonly<Record<string, string>>;
};

/** Addresses for one recipient. `links`: by the place in the message's list of links. `open`: of the picture that says that a mail was opened, if that is to be known. */
export type RecipientLinks = {
  links: readonly string[];
  unsubscribe: string;
  preferences: string;
  view: string;
  open?: string | null;
};

export type RenderedMail = { subject: string; preheader: string; html: string; text: string };

/** A mail whose bodies are still in pieces, of which most are the same in every mail of the message. */
export type FilledMail = { subject: string; preheader: string; html: Pieces; text: Pieces };

/** Parses a message's templates once, and returns what fills them. */
export function openFiller(mail: CompiledMail): (to: Recipient, links: RecipientLinks) => FilledMail {
  const subjectOf = parseTemplate(mail.subject, { html: false });
  const preheaderOf = parseTemplate(mail.preheader, { html: false });
  const htmlOf = parseTemplate(mail.html, { html: true });
  const textOf = parseTemplate(mail.text, { html: false });
  const { fallbacks, given, attributeIds, tagIds } = mail;
  return (to, { links, unsubscribe, preferences, view, open }) => {
    const values: Record<string, string | boolean | null | undefined> = {
      unsubscribe_url: unsubscribe,
      preferences_url: preferences,
      view_url: view,
      open_url: open,
      origin: originOf(view),
    };
    for (const id of attributeIds) values[attributeName(id)] = to.values.get(id);
    for (const id of tagIds) values[tagName(id)] = to.tags.has(id);
    for (const { name } of given) values[givenName(name)] = to.given?.[name];
    const scope: Scope = { values, links, fallbacks };
    values.subject = oneLine(joined(fill(subjectOf, scope)));
    values.preheader = oneLine(joined(fill(preheaderOf, scope)));
    const { subject, preheader } = values;
    return { subject, preheader, html: fill(htmlOf, scope), text: fill(textOf, scope) };
  };
}

/** The same with whole texts. */
export function openRenderer(mail: CompiledMail): (to: Recipient, links: RecipientLinks) => RenderedMail {
  const fillFor = openFiller(mail);
  return (to, links) => {
    const { html, text, ...heads } = fillFor(to, links);
    return { ...heads, html: joined(html), text: joined(text) };
  };
}

let newest = { address: '', origin: '' };

/** Where uploaded pictures are: the host of the other links. The same for all mails of a send, so it is kept. */
function originOf(address: string): string {
  if (newest.address !== '' && address.startsWith(newest.address)) return newest.origin;
  try {
    const { origin } = new URL(address);
    newest = { address: `${origin}/`, origin };
    return origin;
  } catch {
    return '';
  }
}

/** Without what could end a header's line or hide in it. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
