// The texts of a template, written piece by piece: constants are escaped, variables become placeholders, links are numbered.
import type { AttributeId, TagId } from '@/lib/db/ids';
import type { GivenValue, Inline, Mark, OnlyFor, PlainLine, Variable } from './schema';

/** A link of a message. `place`: where it stands, for the report: the text or picture that is pressed. */
export type Link = { address: string; place: string };

export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** A value that a call of the API gives. `required`: somewhere nothing stands for it. */
export type Given = { name: string; required: boolean };

export const attributeName = (id: AttributeId): string => `a${id}`;
export const givenName = (name: string): string => `g_${name}`;
export const tagName = (id: TagId): string => `t${id}`;

const keyOf = ({ address, place }: Link): string => JSON.stringify([address, place]);

const TAGS: Record<Mark, string> = { bold: 'b', italic: 'i', underline: 'u' };

/** Collects the links and fallbacks of a document while its templates are written. */
export class TemplateParts {
  readonly fallbacks: string[] = [];
  readonly given: Given[] = [];

  /** Places of links in the list. A newsletter may have thousands. */
  private readonly places: Map<string, number>;

  constructor(readonly links: Link[] = []) {
    this.places = new Map(links.map((link, index) => [keyOf(link), index]));
  }

  /** The placeholder of a link's tracked address. */
  link(address: string, place: string): string {
    const link = { address, place };
    const index = this.places.get(keyOf(link)) ?? this.links.push(link) - 1;
    this.places.set(keyOf(link), index);
    return `{{ links[${index}] }}`;
  }

  /** The placeholder of a value. Its filter gives the fallback also for a value of blanks. */
  value(piece: Variable | GivenValue): string {
    const { fallback } = piece;
    const known = this.fallbacks.indexOf(fallback);
    const index = known >= 0 ? known : this.fallbacks.push(fallback) - 1;
    if (piece.type === 'given') this.note(piece);
    const name = piece.type === 'given' ? givenName(piece.name) : attributeName(piece.attributeId);
    return `{{ ${name} | or: fallbacks[${index}] }}`;
  }

  private note({ name, fallback }: GivenValue): void {
    const required = fallback.trim() === '';
    const known = this.given.find((one) => one.name === name);
    if (known) known.required ||= required;
    else this.given.push({ name, required });
  }

  /** A line of HTML. The engine escapes values. */
  html(line: readonly Inline[]): string {
    const place = plainText(line);
    return line
      .map((piece) => {
        if (piece.type === 'break') return '<br>';
        const inner = piece.type === 'text' ? constant(escapeHtml(piece.text)) : this.value(piece);
        const marked = piece.marks.reduce((text, mark) => `<${TAGS[mark]}>${text}</${TAGS[mark]}>`, inner);
        if (piece.type !== 'text' || piece.link === null) return marked;
        return `<a href="${this.link(piece.link, piece.text.trim() || place)}">${marked}</a>`;
      })
      .join('');
  }

  /** A line of plain text: the address of a link follows its words. */
  text(line: readonly Inline[]): string {
    const place = plainText(line);
    return line
      .map((piece) => {
        if (piece.type === 'break') return '\n';
        if (piece.type !== 'text') return this.value(piece);
        const text = constant(piece.text);
        return piece.link === null ? text : `${text} <${this.link(piece.link, piece.text.trim() || place)}>`;
      })
      .join('');
  }

  /** A subject, a preheader or the words on a button, as plain text. */
  plain(line: PlainLine): string {
    return line.map((piece) => (piece.type === 'text' ? constant(piece.text) : this.value(piece))).join('');
  }

  /** The same as HTML. */
  plainHtml(line: PlainLine): string {
    return line.map((piece) => (piece.type === 'text' ? constant(escapeHtml(piece.text)) : this.value(piece))).join('');
  }
}

/** The words of a line, for people: without values. */
export const plainText = (line: readonly (Inline | PlainLine[number])[]): string =>
  line
    .map((piece) => (piece.type === 'text' ? piece.text : ''))
    .join('')
    .trim();

/** Text that the engine must leave as it is, though it has braces. */
export const constant = (text: string): string =>
  /\{([{%]|$)/.test(text) ? text.replace(/\{(?=[{%]|$)/g, `{{ '{' }}`) : text;

/** What only people with, or without, a tag see. */
export function onlyFor(who: OnlyFor, template: string): string {
  if (who === null) return template;
  return `{% ${who.has ? 'if' : 'unless'} ${tagName(who.tagId)} %}${template}{% ${who.has ? 'endif' : 'endunless'} %}`;
}
