// XML from CRMs. Document type declarations, and so entities of their own, are refused.
import { Parser } from 'htmlparser2';

/** An element. Names are as written, with prefixes. */
export type XmlElement = { name: string; attributes: Record<string, string>; children: (XmlElement | string)[] };

/** Deeper nesting is refused. */
const MAX_DEPTH = 100;

/** The root element. Throws an `Error` that says what is wrong if the text is no well-formed XML. */
export function parseXml(text: string): XmlElement {
  const document: XmlElement = { name: '', attributes: {}, children: [] };
  const open = [document];
  let problem: string | undefined;
  const source = text.replace(/^\uFEFF/, '');
  const closed = new Set<XmlElement>();
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const element: XmlElement = { name, attributes: { ...attributes }, children: [] };
        open.at(-1)!.children.push(element);
        if (source[parser.endIndex - 1] === '/') closed.add(element);
        if (open.push(element) > MAX_DEPTH) problem ??= `it is nested more than ${MAX_DEPTH} deep`;
      },
      onclosetag(name, isImplied) {
        const element = open.pop();
        // The end of `<a/>` is implied too.
        if (isImplied && !closed.has(element!)) problem ??= `<${name}> is not closed`;
      },
      ontext(piece) {
        open.at(-1)!.children.push(piece);
      },
      onprocessinginstruction(name) {
        if (name !== '?xml') problem ??= `<${name} is not accepted`;
      },
    },
    { xmlMode: true },
  );
  parser.end(source);
  const elements = document.children.filter((child) => typeof child !== 'string');
  const outside = document.children.some((child) => typeof child === 'string' && child.trim() !== '');
  if (!problem && (elements.length !== 1 || outside)) problem = 'it must have exactly one root element';
  if (problem) throw new Error(`This is no valid XML: ${problem}.`);
  return elements[0]!;
}

/** The child elements of a name. */
export const childrenOf = (element: XmlElement, name: string): XmlElement[] =>
  element.children.filter((child): child is XmlElement => typeof child !== 'string' && child.name === name);

/** All elements below, in the order of the text. */
export const descendantsOf = (element: XmlElement): XmlElement[] =>
  element.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...descendantsOf(child)]));

/** The text in an element, without that of elements below. */
export const textIn = ({ children }: XmlElement): string =>
  children.filter((child) => typeof child === 'string').join('');

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);

/** The text of an element. */
export function writeXml({ name, attributes, children }: XmlElement): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const inside = children.map((child) => (typeof child === 'string' ? escaped(child) : writeXml(child))).join('');
  return inside ? `<${name}${written.join('')}>${inside}</${name}>` : `<${name}${written.join('')}/>`;
}
