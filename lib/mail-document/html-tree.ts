// Reads the HTML of a block: what of it may be in a mail, as a tree that closes everything it opens, and what is left out. The parser only says what
// stands there; what is sent is written from the tree, so only what the rules allow gets through.
import { Parser } from 'htmlparser2';
import {
  ATTRIBUTES,
  cleanStyle,
  DROPPED,
  ELEMENTS,
  ENDS_ITSELF,
  FORM,
  PAGE,
  RENAMED,
  TABLE_PARTS,
  VOID,
  WORDED,
} from './html-rules';
import { attributesInAddress, valuesStandRight } from './link-values';
import { isSafeAddress, OWN_PICTURE, type HtmlSource } from './schema';
import { attributeName } from './template';

export type HtmlValue = Exclude<HtmlSource[number], { type: 'text' }>;
/** Words of people, in which values stand. */
export type HtmlWords = (string | HtmlValue)[];

export type HtmlElement = {
  type: 'element';
  name: string;
  attributes: [name: string, value: HtmlWords][];
  /** Where a link leads, or a picture comes from. */
  address: string | null;
  style: string;
  children: HtmlNode[];
};
export type HtmlNode = HtmlElement | { type: 'words'; words: HtmlWords };

export type RemovedKind =
  | 'script'
  | 'handler'
  | 'link'
  | 'picture'
  | 'embedded'
  | 'svg'
  | 'form'
  | 'sheet'
  | 'style'
  | 'comment'
  | 'place'
  | 'element'
  | 'deep'
  | 'value'
  | 'unclosed'
  | 'attribute';

/** What was left out, how often, and a few of it as they were written. */
export type Removed = { kind: RemovedKind; count: number; examples: string[] };

/** `inAddresses`: the values that stand in the addresses of links. */
export type HtmlTree = { nodes: HtmlNode[]; removed: Removed[]; inAddresses: ReadonlySet<HtmlValue> };

const DEPTH_MAX = 60;
const LINK_MAX = 2_000;
const EXAMPLES_MAX = 3;

/** Stands for a value while the HTML is parsed. Nobody types these characters: they mean nothing. */
const MARK = /\uE000(\d+)\uE001/;
const marked = (source: HtmlSource): string =>
  source
    .map((piece, at) => (piece.type === 'text' ? piece.text.replace(/[\uE000\uE001\0]/g, '') : `\uE000${at}\uE001`))
    .join('');

const known = new WeakMap<HtmlSource, HtmlTree>();

/** The tree of a source. Kept while somebody has the source: the editor asks at each change of the document. */
export function htmlTree(source: HtmlSource): HtmlTree {
  let tree = known.get(source);
  if (!tree) {
    tree = new Reader(source).read();
    known.set(source, tree);
  }
  return tree;
}

/** An open element. `node`: null if only its content stays. `into`: null if that goes too. `isAdded`: it was not written. */
type Frame = { name: string; node: HtmlElement | null; into: HtmlNode[] | null; isAdded?: true };

class Reader {
  private readonly nodes: HtmlNode[] = [];
  private readonly removed = new Map<RemovedKind, Removed>();
  private readonly frames: Frame[] = [];
  private readonly inAddresses = new Set<HtmlValue>();

  constructor(private readonly source: HtmlSource) {}

  read(): HtmlTree {
    const parser = new Parser({
      onopentag: (name, attributes) => this.open(name, attributes),
      ontext: (text) => this.text(text),
      onclosetag: (name, isImplied) => this.close(name, isImplied),
      oncomment: (text) => this.note('comment', `<!--${text.slice(0, 20).trim()}${text.length > 20 ? '…' : ''}-->`),
      onprocessinginstruction: () => {},
    });
    parser.end(marked(this.source));
    return { nodes: this.nodes, removed: [...this.removed.values()], inAddresses: this.inAddresses };
  }

  private note(kind: RemovedKind, example: string): void {
    const plain = example.replace(/\uE000(\d+)\uE001/g, '{{…}}');
    const noted = this.removed.get(kind) ?? { kind, count: 0, examples: [] };
    noted.count++;
    if (noted.examples.length < EXAMPLES_MAX && !noted.examples.includes(plain)) noted.examples.push(plain);
    this.removed.set(kind, noted);
  }

  private get into(): HtmlNode[] | null {
    const frame = this.frames.at(-1);
    return frame ? frame.into : this.nodes;
  }

  private open(written: string, attributes: Record<string, string>): void {
    this.openRow(written);
    const into = this.into;
    const goes = (): void => void this.frames.push({ name: written, node: null, into: null });
    const staysInside = (): void => void this.frames.push({ name: written, node: null, into });
    if (into === null) return goes();
    const drop = Object.hasOwn(DROPPED, written) ? DROPPED[written] : undefined;
    if (drop !== undefined) {
      if (drop !== 'page') this.note(drop, `<${written}>`);
      return goes();
    }
    const name = (Object.hasOwn(RENAMED, written) && RENAMED[written]) || written;
    if (PAGE.has(name)) return staysInside();
    if (FORM.has(name)) {
      this.note('form', `<${name}>`);
      return staysInside();
    }
    if (!ELEMENTS.has(name)) {
      this.note('element', `<${name.slice(0, 40)}>`);
      return staysInside();
    }
    if (this.frames.length >= DEPTH_MAX) {
      this.note('deep', `<${name}>`);
      return VOID.has(name) ? goes() : staysInside();
    }
    if (!this.mayStandHere(name)) {
      this.note('place', `<${name}>`);
      return VOID.has(name) ? goes() : staysInside();
    }
    const node = this.element(name, attributes);
    if (name === 'img' && node.address === null) return goes();
    into.push(node);
    this.frames.push({ name: written, node, into: VOID.has(name) ? null : node.children });
  }

  /** Cells without a row get one, as browsers give it. It ends with what is no cell of it. */
  private openRow(name: string): void {
    const isCell = name === 'td' || name === 'th';
    if (!isCell) this.closeAdded();
    else if (['table', 'thead', 'tbody', 'tfoot'].includes(this.frames.at(-1)?.node?.name ?? '')) {
      const node: HtmlElement = { type: 'element', name: 'tr', attributes: [], address: null, style: '', children: [] };
      this.into?.push(node);
      this.frames.push({ name: 'tr', node, into: node.children, isAdded: true });
    }
  }

  private closeAdded(): void {
    if (this.frames.at(-1)?.isAdded) this.frames.pop();
  }

  /**
   * Parts of a table only in one of the block's own, and nothing else between a table and its cells: either would end the cell that the block is in.
   * No link in a link.
   */
  private mayStandHere(name: string): boolean {
    const around = this.frames.flatMap(({ node }) => node?.name ?? []);
    if (name === 'a' && around.includes('a')) return false;
    const parent = around.at(-1) ?? '';
    if (Object.hasOwn(TABLE_PARTS, name)) return TABLE_PARTS[name]!.includes(parent);
    return !['table', 'thead', 'tbody', 'tfoot', 'tr'].includes(parent);
  }

  private element(name: string, written: Record<string, string>): HtmlElement {
    const node: HtmlElement = { type: 'element', name, attributes: [], address: null, style: '', children: [] };
    for (const [attribute, value] of Object.entries(written)) {
      if (attribute === 'href' && name === 'a') node.address = this.address(value, 'link');
      else if (attribute === 'src' && name === 'img') node.address = this.address(value, 'picture');
      else if (attribute === 'style') node.style = this.style(value);
      else if (attribute.startsWith('on')) this.note('handler', attribute);
      else if (/^(?:background|srcset|formaction|action)$/.test(attribute))
        this.note('style', `${attribute}="${value.slice(0, 60)}"`);
      else this.attribute(node, attribute, value);
    }
    if (name === 'img' && written.src === undefined) this.note('picture', '<img>');
    return node;
  }

  private attribute(node: HtmlElement, name: string, value: string): void {
    // How a link opens, and what it tells of us, is the mail program's business.
    if (node.name === 'a' && (name === 'target' || name === 'rel')) return;
    const allowed = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
    const words = this.words(value);
    if (words.some((one) => typeof one !== 'string') && !WORDED.has(name))
      this.note('value', `${name}="${value.slice(0, 60)}"`);
    else if (allowed?.test(value)) node.attributes.push([name, words]);
    else this.note('attribute', name.slice(0, 40));
  }

  private address(written: string, of: 'link' | 'picture'): string | null {
    // As browsers read it: without line breaks, tabs and blanks at its ends.
    const address = written.replace(/[\t\r\n]/g, '').trim();
    // What looks like a value by its id was typed, and is none.
    if (MARK.test(address) || attributesInAddress(address).length > 0) {
      const filled = of === 'link' ? this.withValues(address) : null;
      if (filled === null) this.note('value', `${of === 'link' ? 'href' : 'src'}="${written.slice(0, 60)}"`);
      return filled;
    }
    const isWeb = /^https?:\/\//i.test(address) && isSafeAddress(address);
    const isFine = of === 'link' ? isSafeAddress(address) : isWeb || OWN_PICTURE.test(address);
    if (isFine && address.length <= LINK_MAX && !/[\p{Cc}]/u.test(address)) return address;
    this.note(of, written.slice(0, 60) || (of === 'link' ? 'href=""' : '<img>'));
    return null;
  }

  /** The address of a link with values by id, as in other blocks; null if they cannot stand there. */
  private withValues(address: string): string | null {
    const pieces = this.words(address);
    const values: Extract<HtmlValue, { type: 'variable' }>[] = [];
    let whole = '';
    for (const piece of pieces) {
      if (typeof piece === 'string' ? attributesInAddress(piece).length > 0 : piece.type === 'given' || piece.fallback)
        return null;
      if (typeof piece === 'string') whole += piece;
      else if (piece.type === 'variable') {
        whole += `{{${attributeName(piece.attributeId)}}}`;
        values.push(piece);
      }
    }
    if (whole.length > LINK_MAX || !isSafeAddress(whole) || !valuesStandRight(whole)) return null;
    values.forEach((value) => this.inAddresses.add(value));
    return whole;
  }

  private style(written: string): string {
    if (MARK.test(written)) {
      this.note('value', `style="${written.slice(0, 60)}"`);
      return '';
    }
    const { kept, removed } = cleanStyle(written);
    for (const one of removed) this.note('style', one);
    return kept;
  }

  private words(text: string): HtmlWords {
    return text.split(MARK).flatMap((part, at): HtmlWords => {
      if (at % 2 === 0) return part === '' ? [] : [part];
      const piece = this.source[Number(part)];
      return piece === undefined || piece.type === 'text' ? [] : [piece];
    });
  }

  private text(text: string): void {
    const words = this.words(text);
    if (words.length > 0) this.into?.push({ type: 'words', words });
  }

  private close(name: string, isImplied: boolean): void {
    this.closeAdded();
    const frame = this.frames.pop();
    // The parser ends what is open when something around it ends, or the HTML does.
    if (isImplied && frame?.node && !VOID.has(name) && !ENDS_ITSELF.has(name)) this.note('unclosed', `<${name}>`);
  }
}
