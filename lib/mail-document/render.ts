// Fills the templates of a message for one person: for the mail, its preview, its test and its web page alike.
import { Liquid, type Template } from 'liquidjs';
import type { AttributeId, TagId } from '@/lib/db/ids';
import type { CompiledMail } from './compile';
import { attributeName, tagName } from './template';

/** Characters and milliseconds: far more than a message of the largest size needs. */
const LIMITS = { parseLimit: 4_000_000, renderLimit: 2_000, memoryLimit: 20_000_000 };

/** Nothing is read from files or addresses, and no value can become a template. */
function engine(html: boolean): Liquid {
  const liquid = new Liquid({
    ...LIMITS,
    ...(html && { outputEscape: 'escape' as const }),
    ownPropertyOnly: true,
    templates: {},
    cache: false,
  });
  liquid.registerFilter('or', (value: unknown, fallback: unknown) =>
    typeof value === 'string' && value.trim() !== '' ? value : fallback,
  );
  return liquid;
}

const ENGINES = { html: engine(true), text: engine(false) };

/** The person a message is written to. Values are words for people, as the section writes dates and numbers. */
export type Recipient = {
  values: ReadonlyMap<AttributeId, string>;
  tags: ReadonlySet<TagId>;
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

/** Parses a message's templates once, and returns what fills them. */
export function openRenderer(mail: CompiledMail): (to: Recipient, links: RecipientLinks) => RenderedMail {
  const parsed = {
    subject: ENGINES.text.parse(mail.subject),
    preheader: ENGINES.text.parse(mail.preheader),
    html: ENGINES.html.parse(mail.html),
    text: ENGINES.text.parse(mail.text),
  };
  const fill = (engineOf: Liquid, template: Template[], scope: object): string =>
    engineOf.renderSync(template, scope) as string;
  return ({ values, tags }, { links, unsubscribe, preferences, view, open }) => {
    const scope: Record<string, unknown> = {
      fallbacks: mail.fallbacks,
      links,
      unsubscribe_url: unsubscribe,
      preferences_url: preferences,
      view_url: view,
      open_url: open,
      origin: originOf(view),
    };
    for (const id of mail.attributeIds) scope[attributeName(id)] = values.get(id);
    for (const id of mail.tagIds) scope[tagName(id)] = tags.has(id);
    const subject = oneLine(fill(ENGINES.text, parsed.subject, scope));
    const preheader = oneLine(fill(ENGINES.text, parsed.preheader, scope));
    return {
      subject,
      preheader,
      html: fill(ENGINES.html, parsed.html, { ...scope, subject, preheader }),
      text: fill(ENGINES.text, parsed.text, scope),
    };
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
