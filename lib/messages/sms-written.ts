// The text of an SMS as people write it: a value as {First name}, or with words for those without one as {First name|there}, and a part for some as
// {if VIP}…{else}…{end} or {if not VIP}…{end}. What cannot be read stays words. Imports no server code, so that the editor can use it.
import type { AttributeId, TagId } from '@/lib/db/ids';
import { foldedName, idNamed, nameOf, type NamedAttribute } from '@/lib/mail-document/written-values';
import { allPieces, TAGS_MAX, type Only, type PlainPiece, type SmsText } from './sms-pieces';

export type NamedTag = { id: TagId; name: string };
export type SmsNames = { attributes: readonly NamedAttribute[]; tags: readonly NamedTag[] };

/** What stands for the address in braces. No attribute is meant by it. */
export const OPT_OUT_NAME = 'Opt-out link';

/** A name, and after a line the words for people without a value. */
const BRACES = /\{([^{}|\n]{1,200})(?:\|([^{}|\n]{0,200}))?\}/g;
const NAME = /^[^{}|\n]{1,190}$/;

/** `part`: whom a part is for; null: it names nobody that there is. `name`: of the tag. */
type Meant =
  | { is: 'if'; part: { tagId: TagId; has: boolean } | null; name: string }
  | { is: 'else' | 'end' }
  | { is: 'value'; piece: PlainPiece };

/** What stands in braces; undefined: words. */
function meant(
  [, name = '', fallback]: RegExpMatchArray | string[],
  { attributes, tags }: SmsNames,
): Meant | undefined {
  const folded = foldedName(name);
  if (fallback === undefined) {
    if (folded === 'else' || folded === 'end') return { is: folded };
    const asked = /^if(?:\s+(.*))?$/is.exec(name.trim());
    if (asked) return { is: 'if', ...askedFor(asked[1] ?? '', tags) };
  }
  if (folded === foldedName(OPT_OUT_NAME)) return { is: 'value', piece: { type: 'optOut' } };
  const attributeId = idNamed(name, attributes);
  if (attributeId === undefined) return undefined;
  return { is: 'value', piece: { type: 'variable', attributeId, fallback: (fallback ?? '').trim() } };
}

function askedFor(
  text: string,
  tags: readonly NamedTag[],
): { part: { tagId: TagId; has: boolean } | null; name: string } {
  const without = /^not\s+(.*)$/is.exec(text)?.[1];
  const isNot = without === undefined ? undefined : idNamed(without, tags);
  if (isNot !== undefined) return { part: { tagId: isNot, has: false }, name: without! };
  const tagId = idNamed(text, tags);
  return { part: tagId === undefined ? null : { tagId, has: true }, name: without ?? text };
}

/** What is wrong in a text. `at`: where it stands in what was written. */
export type SmsProblem = { at: number; length: number; line: number; words: string };

/** Reads what was written, and says what of it is no part that can be read. */
export function readSms(written: string, names: SmsNames): { text: SmsText; problems: SmsProblem[] } {
  return new Reader(written, names).read();
}

type Open = { at: number; written: string; meant: Extract<Meant, { is: 'if' }>; otherwise: string | null } & Pick<
  Only<PlainPiece>,
  'then'
> & { rest: PlainPiece[] };

class Reader {
  private readonly text: SmsText = [];
  private readonly problems: SmsProblem[] = [];
  private readonly tags = new Set<TagId>();
  private open: Open | null = null;

  constructor(
    private readonly written: string,
    private readonly names: SmsNames,
  ) {}

  read() {
    let from = 0;
    for (const match of this.written.matchAll(BRACES)) {
      const found = meant(match, this.names);
      if (found === undefined) continue;
      this.words(this.written.slice(from, match.index));
      from = match.index + match[0].length;
      this.take(found, match[0], match.index);
    }
    this.words(this.written.slice(from));
    if (this.open) this.leaveOpen('has no {end}');
    return { text: this.text, problems: this.problems.toSorted((one, other) => one.at - other.at) };
  }

  private take(found: Meant, written: string, at: number): void {
    if (found.is === 'value') return add(this.target, found.piece);
    if (found.is === 'if') {
      if (this.open) this.leaveOpen(`has no {end} before “${written}”: no part can be inside another`);
      this.open = { at, written, meant: found, then: [], otherwise: null, rest: [] };
    } else if (found.is === 'end') {
      if (this.open) this.close(this.open, written);
      else this.stray(at, written, 'has no {if …} before it');
    } else if (this.open && this.open.otherwise === null) this.open.otherwise = written;
    else this.stray(at, written, this.open ? 'is a second one in the same part' : 'has no {if …} before it');
  }

  private get target(): (PlainPiece | SmsText[number])[] {
    if (this.open === null) return this.text;
    return this.open.otherwise === null ? this.open.then : this.open.rest;
  }

  private words(text: string): void {
    if (text !== '') add(this.target, { type: 'text', text });
  }

  private stray(at: number, written: string, what: string): void {
    this.say(at, written, what);
    this.words(written);
  }

  private say(at: number, written: string, what: string): void {
    const line = this.written.slice(0, at).split('\n').length;
    this.problems.push({ at, length: written.length, line, words: `Line ${line}: “${written}” ${what}.` });
  }

  private close(open: Open, written: string): void {
    const { part, name } = open.meant;
    const isMore = (part === null || !this.tags.has(part.tagId)) && this.tags.size >= TAGS_MAX;
    if (isMore || part === null) {
      const why = name.trim() === '' ? 'names no tag' : `asks for “${name.trim()}”, and there is no such tag`;
      this.leaveOpen(isMore ? `is for one more tag than the ${TAGS_MAX} that a text can ask for` : why);
      return this.words(written);
    }
    this.tags.add(part.tagId);
    this.open = null;
    this.text.push({ type: 'only', ...part, then: open.then, otherwise: open.rest });
  }

  /** What was taken for a part stays words. */
  private leaveOpen(why: string): void {
    const open = this.open!;
    this.open = null;
    this.say(open.at, open.written, why);
    this.words(open.written);
    for (const piece of open.then) add(this.text, piece);
    if (open.otherwise === null) return;
    this.words(open.otherwise);
    for (const piece of open.rest) add(this.text, piece);
  }
}

/** Words behind words are one piece. */
function add(pieces: (PlainPiece | SmsText[number])[], piece: PlainPiece): void {
  const last = pieces.at(-1);
  if (piece.type === 'text' && last?.type === 'text')
    pieces[pieces.length - 1] = { ...last, text: last.text + piece.text };
  else pieces.push(piece);
}

/** A text as people write it. What is gone, or has a name that would not be read as it is, is shown by its number. */
export function writtenSms(text: SmsText, names: SmsNames): string {
  const plain = (pieces: readonly PlainPiece[]) =>
    pieces
      .map((piece) => {
        if (piece.type === 'text') return piece.text;
        if (piece.type === 'optOut') return `{${OPT_OUT_NAME}}`;
        const name = attributeInBraces(piece.attributeId, names);
        return piece.fallback === '' ? `{${name}}` : `{${name}|${piece.fallback}}`;
      })
      .join('');
  return text
    .map((piece) => {
      if (piece.type !== 'only') return plain([piece]);
      const otherwise = piece.otherwise.length > 0 ? `{else}${plain(piece.otherwise)}` : '';
      return `${writtenIf(piece, names)}${plain(piece.then)}${otherwise}{end}`;
    })
    .join('');
}

/** What stands in braces for a value of an attribute. */
export function attributeInBraces(id: AttributeId, names: SmsNames): string {
  const name = nameOf(id, names.attributes);
  const read = NAME.test(name) ? meant(['', name], names) : undefined;
  return read?.is === 'value' && read.piece.type === 'variable' && read.piece.attributeId === id ? name : `#${id}`;
}

/** How a part for some begins. */
export function writtenIf({ tagId, has }: { tagId: TagId; has: boolean }, { tags }: SmsNames): string {
  const not = has ? '' : 'not ';
  const name = nameOf(tagId, tags);
  const { part } = askedFor(`${not}${name}`, tags);
  const isRead = NAME.test(name) && part?.tagId === tagId && part.has === has;
  return `{if ${not}${isRead ? name : `#${tagId}`}}`;
}

/** What is no part that can be read, as far as that can be said without names. */
export const problemsOfSms = (text: SmsText): SmsProblem[] => readSms(writtenSms(text, NO_NAMES), NO_NAMES).problems;
const NO_NAMES: SmsNames = { attributes: [], tags: [] };

/** The names of tags that what was written asks for, each once. */
export const tagNamesIn = (written: string): string[] => [
  ...new Set(
    [...written.matchAll(BRACES)].flatMap((match) => {
      const found = meant(match, NO_NAMES);
      // A tag may be called “Not interested”.
      const whole = match[1]!.trim().slice(2).trim();
      return found?.is === 'if' && found.part === null ? [found.name.trim(), whole].filter((name) => name !== '') : [];
    }),
  ),
];

/** What stands in braces and is no value: most likely a typing mistake. */
export const unknownNames = (text: SmsText): string[] =>
  allPieces(text).flatMap((piece) =>
    piece.type === 'text'
      ? [...piece.text.matchAll(BRACES)].flatMap((match) => (meant(match, NO_NAMES) ? [] : [match[0]]))
      : [],
  );
