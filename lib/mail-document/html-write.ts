// Writes the tree of an HTML block: as HTML for the mail and for the editor's canvas, and as words for the text part.
import { shortened } from '@/lib/text/shortened';
import { VOID } from './html-rules';
import type { HtmlElement, HtmlNode, HtmlValue, HtmlWords } from './html-tree';

/** What links, pictures and words are written as. */
export type HtmlWriter = {
  words: (text: string) => string;
  value: (value: HtmlValue) => string;
  link: (address: string, place: string) => string;
  /** Ready to stand in an attribute. */
  picture: (address: string) => string;
};

const PLACE_MAX = 100;

/** The words in an element, for people: without values. Of a picture, its description. */
export const wordsIn = (nodes: readonly HtmlNode[]): string =>
  nodes
    .map((node) => {
      if (node.type === 'words') return plain(node.words);
      return node.name === 'img' ? plain(altOf(node)) : wordsIn(node.children);
    })
    .join('')
    .replace(/\s+/g, ' ')
    .trim();

const plain = (words: HtmlWords) => words.filter((one) => typeof one === 'string').join('');
const altOf = (node: HtmlElement): HtmlWords => node.attributes.find(([name]) => name === 'alt')?.[1] ?? [];

/** What a link is called in the report. */
const placeOf = (node: HtmlElement): string => shortened(wordsIn(node.children), PLACE_MAX) || 'Link in the HTML';

/** The tree as HTML: everything in quotes, escaped and closed. */
export function writeHtml(nodes: readonly HtmlNode[], writer: HtmlWriter): string {
  const written = (words: HtmlWords) =>
    words.map((one) => (typeof one === 'string' ? writer.words(one) : writer.value(one))).join('');
  return nodes
    .map((node) => {
      if (node.type === 'words') return written(node.words);
      const attributes = node.attributes.map(([name, value]) => ` ${name}="${written(value)}"`);
      if (node.address !== null) {
        attributes.unshift(
          node.name === 'a'
            ? ` href="${writer.link(node.address, placeOf(node))}"`
            : ` src="${writer.picture(node.address)}"`,
        );
      }
      const style = node.name === 'img' ? withinScreen(node) : node.style;
      if (style !== '') attributes.push(` style="${writer.words(style)}"`);
      const open = `<${node.name}${attributes.join('')}>`;
      return VOID.has(node.name) ? open : `${open}${writeHtml(node.children, writer)}</${node.name}>`;
    })
    .join('');
}

/** A picture is never wider than its place, and keeps its shape then. */
function withinScreen({ style, attributes }: HtmlElement): string {
  const has = (property: string) => new RegExp(`(?:^|;)${property}:`).test(style);
  const more = [
    ...(has('max-width') ? [] : ['max-width:100%']),
    ...(has('height') || !attributes.some(([name]) => name === 'height') ? [] : ['height:auto']),
  ];
  return [...(style === '' ? [] : [style]), ...more].join(';');
}

const PARAGRAPHS = new Set('p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote hr'.split(' '));
const LINES = new Set('div center address li dt dd tr caption'.split(' '));

/** The tree as plain text. The address of a link follows its words. */
export function writePlain(nodes: readonly HtmlNode[], writer: Omit<HtmlWriter, 'picture'>): string {
  return plainPart(nodes, writer)
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/ {2,}/g, ' ')
    .trim();
}

function plainPart(nodes: readonly HtmlNode[], writer: Omit<HtmlWriter, 'picture'>): string {
  const written = (words: HtmlWords) =>
    words.map((one) => (typeof one === 'string' ? writer.words(one.replace(/\s+/g, ' ')) : writer.value(one))).join('');
  return nodes
    .map((node) => {
      if (node.type === 'words') return written(node.words);
      // Previews that are only for inboxes.
      if (/(?:^|;)display:none/i.test(node.style)) return '';
      const inside = plainPart(node.children, writer);
      switch (node.name) {
        case 'br':
          return '\n';
        case 'hr':
          return '\n\n----------\n\n';
        case 'img':
          return written(altOf(node));
        case 'a':
          return node.address === null
            ? inside
            : `${inside.trim()} <${writer.link(node.address, placeOf(node))}>`.trimStart();
        case 'li':
          return `\n- ${inside.trim()}\n`;
        case 'td':
        case 'th':
          return `${inside} `;
      }
      if (PARAGRAPHS.has(node.name)) return `\n\n${inside}\n\n`;
      return LINES.has(node.name) ? `\n${inside}\n` : inside;
    })
    .join('');
}

/** Every element, in the order of the HTML. */
export const elementsIn = (nodes: readonly HtmlNode[]): HtmlElement[] =>
  nodes.flatMap((node) => (node.type === 'element' ? [node, ...elementsIn(node.children)] : []));
