// Web addresses in the text of an SMS: they become links of the person, so that clicks are counted. Imports no server code, so that the editor can use it.
import { valueInAddress, valuesStandRight } from '@/lib/mail-document/link-values';
import type { Link } from '@/lib/mail-document/template';
import type { LinkedPiece, LinkedSms, PlainPiece, SmsText } from './sms-pieces';

/** From where an address begins to where nothing of it can stand any more. */
const RUN = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>"“”„«»]+/giu;
/** The same, also where a value stands in the place of its host. */
const BEGUN = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>"“”„«»]*/giu;
const ADDRESS_MAX = 2_000;
const CLOSING = new Map([
  [')', '('],
  [']', '['],
]);
/** In the report: an SMS has no other place. */
const PLACE = 'Text';

/** Without the punctuation of the sentence around it, and the brackets that the sentence closes. */
function withoutEnd(run: string): string {
  const extra = new Map(
    [...CLOSING].map(([closing, opening]) => [closing, run.split(closing).length - run.split(opening).length]),
  );
  let end = run.length;
  for (; end > 0; end--) {
    const last = run[end - 1]!;
    const more = extra.get(last);
    if (more === undefined ? !/[.,;:!?…'’]/.test(last) : more <= 0) break;
    if (more !== undefined) extra.set(last, more - 1);
  }
  return run.slice(0, end);
}

/** Whether an address can be counted. Braces in it, but those of values, are most likely a value with a mistake in its name. */
const isAddress = (address: string): boolean =>
  address.length <= ADDRESS_MAX && valuesStandRight(address) && (URL.parse(address)?.hostname ?? '') !== '';

/** Whether an address right before a text would go on in it. `after`: whether one right before what follows would. */
function goesOn(text: string, after: boolean): boolean {
  const run = /^[^\s<>"“”„«»]*/.exec(text)![0];
  if (withoutEnd(run) !== '') return true;
  return run.length === text.length && after;
}

const goesOnIn = (pieces: readonly PlainPiece[], after: boolean): boolean =>
  pieces.reduceRight((open, piece) => (piece.type === 'text' ? goesOn(piece.text, open) : true), after);

type Value = Extract<PlainPiece, { type: 'variable' }>;
/** Stands for a value in words: no text can have it. */
const MARK = '\u0000';
const MARKED = new RegExp(`${MARK}(\\d+)${MARK}`, 'g');

/** A text whose web addresses are links by their place in `links`. One that goes on in what cannot stand in an address stays words. */
export function withLinks(text: SmsText): { text: LinkedSms; links: Link[] } {
  const links: Link[] = [];
  const linkTo = (address: string): LinkedPiece => {
    const known = links.findIndex((link) => link.address === address);
    return { type: 'link', link: known >= 0 ? known : links.push({ address, place: PLACE }) - 1 };
  };

  /** `after`: whether an address right before what follows would go on in it. */
  function linked(pieces: readonly PlainPiece[], after: boolean): LinkedPiece[] {
    const made: LinkedPiece[] = [];
    let [words, values]: [string, Value[]] = ['', []];
    const take = (open: boolean) => {
      if (words !== '') made.push(...inWords(words, values, open));
      [words, values] = ['', []];
    };
    for (const piece of pieces) {
      if (piece.type === 'text') words += piece.text;
      // As in emails, nothing stands in an address for who has no value.
      else if (piece.type === 'variable' && piece.fallback === '') words += `${MARK}${values.push(piece) - 1}${MARK}`;
      else {
        take(true);
        made.push(piece);
      }
    }
    take(after);
    return made;
  }

  function inWords(words: string, values: readonly Value[], after: boolean): LinkedPiece[] {
    const found: LinkedPiece[] = [];
    let from = 0;
    for (const { 0: run, index } of words.matchAll(RUN)) {
      if (after && index + run.length === words.length) continue;
      const written = withoutEnd(run);
      const address = written.replace(MARKED, (_mark, nth: string) => valueInAddress(values[Number(nth)]!.attributeId));
      if (/[{}]/.test(written) || !isAddress(address)) continue;
      found.push(...asBefore(words.slice(from, index), values), linkTo(address));
      from = index + written.length;
    }
    return [...found, ...asBefore(words.slice(from), values)];
  }

  const after = afters(text);
  const made = pieceByPiece(text, (pieces, last) => linked(pieces, after[last]!));
  return { text: made, links };
}

/** Words, and the values that are marked in them. */
const asBefore = (words: string, values: readonly Value[]): LinkedPiece[] =>
  words.split(MARKED).flatMap((part, nth): LinkedPiece[] => {
    if (nth % 2 === 1) return [values[Number(part)]!];
    return part === '' ? [] : [{ type: 'text', text: part }];
  });

/** Each stretch between parts for some, and each of the two sides of those. `last`: the place of the piece at its end. */
function pieceByPiece(
  text: SmsText,
  linked: (pieces: readonly PlainPiece[], last: number) => LinkedPiece[],
): LinkedSms {
  const made: LinkedSms = [];
  let stretch: PlainPiece[] = [];
  text.forEach((piece, nth) => {
    if (piece.type !== 'only') stretch.push(piece);
    if (piece.type !== 'only' && nth < text.length - 1) return;
    made.push(...linked(stretch, piece.type === 'only' ? nth - 1 : nth));
    stretch = [];
    if (piece.type === 'only') {
      made.push({ ...piece, then: linked(piece.then, nth), otherwise: linked(piece.otherwise, nth) });
    }
  });
  return made;
}

/** For each piece, whether an address at its end would go on in what follows, for anybody. */
function afters(text: SmsText): boolean[] {
  let open = false;
  return text
    .toReversed()
    .map((piece) => {
      const after = open;
      open =
        piece.type === 'only'
          ? goesOnIn(piece.then, after) || goesOnIn(piece.otherwise, after)
          : goesOnIn([piece], after);
      return after;
    })
    .toReversed();
}

/** The web addresses that are sent as they stand, because something stands right behind them or in them that cannot. */
export const uncountedAddresses = (text: SmsText): string[] => [
  ...new Set(withoutLinks(text).flatMap((piece) => (piece.type === 'text' ? (piece.text.match(BEGUN) ?? []) : []))),
];

/** What a text says besides its links, including what only some people get. */
export const withoutLinks = (text: SmsText): PlainPiece[] =>
  withLinks(text)
    .text.flatMap((piece) => (piece.type === 'only' ? [...piece.then, ...piece.otherwise] : [piece]))
    .filter((piece) => piece.type !== 'link');
