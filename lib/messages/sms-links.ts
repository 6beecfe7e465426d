// Web addresses in the text of an SMS: they become links of the person, so that clicks are counted. Imports no server code, so that the editor can use it.
import type { Link } from '@/lib/mail-document/template';
import type { LinkedPiece, LinkedSms, PlainPiece, SmsText } from './sms-pieces';

/** From where an address begins to where nothing of it can stand any more. */
const RUN = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>"“”„«»]+/giu;
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

/** Whether an address can be counted. Braces in it are most likely a value with a mistake in its name. */
const isAddress = (address: string): boolean =>
  address.length <= ADDRESS_MAX && !/[{}]/.test(address) && (URL.parse(address)?.hostname ?? '') !== '';

/** Whether an address right before a text would go on in it. `after`: whether one right before what follows would. */
function goesOn(text: string, after: boolean): boolean {
  const run = /^[^\s<>"“”„«»]*/.exec(text)![0];
  if (withoutEnd(run) !== '') return true;
  return run.length === text.length && after;
}

const goesOnIn = (pieces: readonly PlainPiece[], after: boolean): boolean =>
  pieces.reduceRight((open, piece) => (piece.type === 'text' ? goesOn(piece.text, open) : true), after);

/** A text whose web addresses are links by their place in `links`. One that goes on in a value, or in a part for some, stays words. */
export function withLinks(text: SmsText): { text: LinkedSms; links: Link[] } {
  const links: Link[] = [];
  const linkTo = (address: string): LinkedPiece => {
    const known = links.findIndex((link) => link.address === address);
    return { type: 'link', link: known >= 0 ? known : links.push({ address, place: PLACE }) - 1 };
  };

  /** `after`: whether an address right before what follows would go on in it. */
  function linked(pieces: readonly PlainPiece[], after: boolean): LinkedPiece[] {
    return pieces.flatMap((piece, nth) =>
      piece.type === 'text' ? inWords(piece.text, goesOnIn(pieces.slice(nth + 1), after)) : [piece],
    );
  }

  function inWords(words: string, after: boolean): LinkedPiece[] {
    const found: LinkedPiece[] = [];
    let from = 0;
    const upTo = (end: number) => {
      if (end > from) found.push({ type: 'text', text: words.slice(from, end) });
    };
    for (const { 0: run, index } of words.matchAll(RUN)) {
      if (after && index + run.length === words.length) continue;
      const address = withoutEnd(run);
      if (!isAddress(address)) continue;
      upTo(index);
      found.push(linkTo(address));
      from = index + address.length;
    }
    upTo(words.length);
    return found;
  }

  const after = afters(text);
  const made = text.flatMap((piece, nth): LinkedSms =>
    piece.type === 'only'
      ? [{ ...piece, then: linked(piece.then, after[nth]!), otherwise: linked(piece.otherwise, after[nth]!) }]
      : linked([piece], after[nth]!),
  );
  return { text: made, links };
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

/** The web addresses that are sent as they stand, because something stands right behind them or in them. */
export const uncountedAddresses = (text: SmsText): string[] => {
  const pieces = withLinks(text).text.flatMap((piece) =>
    piece.type === 'only' ? [...piece.then, ...piece.otherwise] : [piece],
  );
  return [...new Set(pieces.flatMap((piece) => (piece.type === 'text' ? (piece.text.match(RUN) ?? []) : [])))];
};
