// Templates as template.ts writes them, the part of Liquid that a mail needs: values, links, and what only some people see. Parsed once for a message; what
// is the same for everybody stays one piece, so that it is encoded once too.
import { Shared } from '@/lib/sending/compose/body';
import { escapeHtml } from './template';

/** What placeholders stand for, by name. */
export type Scope = {
  values: Readonly<Record<string, string | boolean | null | undefined>>;
  links: readonly string[];
  fallbacks: readonly string[];
};

/** Pieces of a text in their order. Strings are one person's. */
export type Pieces = (Shared | string)[];

type Part = Shared | ((scope: Scope) => string) | { name: string; has: boolean; parts: Part[] };

export type Template = readonly Part[];

const TAG = /\{\{ (.+?) \}\}|\{% (?:(if|unless) (\w+)|end(?:if|unless)) %\}/g;
const BRACE = `'{'`;
const EXPRESSION = /^(\w+)(?:\[(\d+)\]| \| or: fallbacks\[(\d+)\])?$/;

/** Parses a template. Throws if it is none of ours. `html`: values are escaped. */
export function parseTemplate(template: string, { html }: { html: boolean }): Template {
  const whole: Part[] = [];
  const open = [whole];
  let constant = '';
  const close = (part?: Part) => {
    const parts = open.at(-1);
    if (!parts) throw new Error('The template ends something that has not begun.');
    if (constant !== '') parts.push(new Shared(constant));
    constant = '';
    if (part) parts.push(part);
  };
  let from = 0;
  for (const { 0: tag, 1: expression, 2: condition, 3: name = '', index } of template.matchAll(TAG)) {
    constant += template.slice(from, index);
    from = index + tag.length;
    if (expression === BRACE) constant += '{';
    else if (expression !== undefined) close(valueOf(expression, html));
    else if (condition !== undefined) {
      const parts: Part[] = [];
      close({ name, has: condition === 'if', parts });
      open.push(parts);
    } else {
      close();
      open.pop();
    }
  }
  constant += template.slice(from);
  close();
  if (open.length > 1) throw new Error('The template does not end what it begins.');
  return whole;
}

function valueOf(expression: string, html: boolean): (scope: Scope) => string {
  const [, name, place, fallback] = EXPRESSION.exec(expression) ?? [];
  if (name === undefined) throw new Error(`The template has an unknown placeholder: ${expression}`);
  const look = ({ values, links, fallbacks }: Scope): string => {
    if (place !== undefined) return links[Number(place)] ?? '';
    const value = values[name];
    const text = typeof value === 'string' ? value : '';
    return fallback !== undefined && text.trim() === '' ? (fallbacks[Number(fallback)] ?? '') : text;
  };
  return html ? (scope) => escaped(look(scope)) : look;
}

/** Most values have nothing to escape. */
const escaped = (text: string): string => (/[&<>"']/.test(text) ? escapeHtml(text) : text);

/** Fills a template for one person. */
export function fill(template: Template, scope: Scope, into: Pieces = []): Pieces {
  for (const part of template) {
    if (part instanceof Shared) into.push(part);
    else if (typeof part === 'function') into.push(part(scope));
    else if (part.has === isThere(scope.values[part.name])) fill(part.parts, scope, into);
  }
  return into;
}

const isThere = (value: string | boolean | null | undefined): boolean =>
  value !== undefined && value !== null && value !== false;

/** The text that pieces make. */
export const joined = (pieces: Pieces): string =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
