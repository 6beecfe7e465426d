// The text of an SMS: what it says to whom, and how many parts that takes. Imports no server code, so that the editor can use it.
import type { AttributeId, TagId } from '@/lib/db/ids';
import { attributesInAddress, filledAddress } from '@/lib/mail-document/link-values';
import { smsParts, withoutTypography, type SmsParts } from '@/lib/sms/parts';
import { namesStop } from '@/lib/sms/stop';
import { destinationOf } from './destination';
import type { MessageSettings } from './schema';
import { withLinks } from './sms-links';
import {
  allPieces,
  TAGS_MAX,
  tagsOfSms,
  type LinkedPiece,
  type LinkedSms,
  type PlainPiece,
  type SmsText,
} from './sms-pieces';

/** More parts than this are a mistake: everybody pays each of them, and providers refuse longer texts. */
export const PARTS_MAX = 10;

/** What a text says to people with these tags. */
const saidTo = (text: LinkedSms, tags: ReadonlySet<TagId>): LinkedPiece[] =>
  text.flatMap((piece) => {
    if (piece.type !== 'only') return [piece];
    return tags.has(piece.tagId) === piece.has ? piece.then : piece.otherwise;
  });

/** All that a text says, to people with any combination of its tags. */
function variantsOf(text: LinkedSms): LinkedPiece[][] {
  const tags = tagsOfSms(text).slice(0, TAGS_MAX);
  return Array.from({ length: 2 ** tags.length }, (_, which) =>
    saidTo(text, new Set(tags.filter((_tag, nth) => (which & (1 << nth)) !== 0))),
  );
}

/** Whether a text says something to everybody, or to some only, or to nobody. */
export function saysSomething(text: SmsText): 'all' | 'some' | 'none' {
  const says = variantsOf(withLinks(text).text).map((variant) =>
    variant.some((piece) => ['variable', 'link'].includes(piece.type) || (piece.type === 'text' && piece.text.trim())),
  );
  return says.every(Boolean) ? 'all' : says.some(Boolean) ? 'some' : 'none';
}

/** Whether everybody can find in a text how to end it: their own address, or a word such as STOP. Not in an address. */
export const saysHowToStop = (text: SmsText): boolean =>
  variantsOf(withLinks(text).text).every((variant) =>
    variant.some((piece) => piece.type === 'optOut' || (piece.type === 'text' && namesStop(piece.text))),
  );

/** Whether a text leads somebody to this installation: to their page, or by a link that is counted. */
export const hasOwnLinks = (text: SmsText, { trackClicks }: Pick<MessageSettings, 'trackClicks'>): boolean =>
  allPieces(text).some(({ type }) => type === 'optOut') || (trackClicks && withLinks(text).links.length > 0);

/** A person, as far as a text asks. */
type Person = { values: ReadonlyMap<AttributeId, string>; tags: ReadonlySet<TagId> };

/** The addresses in one person's SMS. `links`: by their place in the version's list. */
export type SmsAddresses = { optOut: string; links: readonly string[] };

/** The text for a person. Values stay in one line; one of blanks is none. */
export const smsFor = (text: LinkedSms, { values, tags }: Person, addresses: SmsAddresses): string =>
  filled(saidTo(text, tags), addresses, ({ attributeId, fallback }) => {
    const value = (values.get(attributeId) ?? '').replace(/[\s\p{Cc}]+/gu, ' ').trim();
    return value === '' ? fallback : value;
  });

const filled = (
  pieces: readonly LinkedPiece[],
  { optOut, links }: SmsAddresses,
  value: (piece: Extract<PlainPiece, { type: 'variable' }>) => string,
): string =>
  pieces
    .map((piece) => {
      switch (piece.type) {
        case 'text':
          return piece.text;
        case 'link':
          return links[piece.link] ?? '';
        case 'optOut':
          return optOut;
        default:
          return value(piece);
      }
    })
    .join('');

/** How many letters a value is counted with where nobody's is known. */
const USUAL_VALUE = 8;

const withUsualValues = (address: string): string =>
  filledAddress(address, new Map(attributesInAddress(address).map((id) => [id, 'x'.repeat(USUAL_VALUE)])));

/** What decides how long links are. `linkLength`: of a person's own address, the same for everybody. */
export type SmsMeasures = { linkLength: number; settings: Pick<MessageSettings, 'trackClicks' | 'utm'> };

/**
 * How a text will be sent to those for whom it takes most, about: values count with their fallback, or as a usual name. Links count as long as they
 * will be.
 */
export function partsOfSms(text: SmsText, { linkLength, settings }: SmsMeasures): SmsParts {
  const { text: linked, links } = withLinks(text);
  const own = 'x'.repeat(linkLength);
  const addresses = {
    optOut: own,
    links: links.map(({ address }) =>
      settings.trackClicks ? own : withUsualValues(destinationOf(address, settings.utm)),
    ),
  };
  return variantsOf(linked)
    .map((variant) => smsParts(filled(variant, addresses, ({ fallback }) => fallback || 'x'.repeat(USUAL_VALUE))))
    .reduce((most, one) => (takesMore(one, most) ? one : most));
}

/** The text with typographic characters replaced by those that do not force Unicode: in its words, and not in names. */
export function inPlainCharacters(text: SmsText): SmsText {
  const plain = (pieces: readonly PlainPiece[]) =>
    pieces.flatMap((piece): PlainPiece[] => {
      if (piece.type === 'variable') return [{ ...piece, fallback: withoutTypography(piece.fallback) }];
      if (piece.type !== 'text') return [piece];
      const words = withoutTypography(piece.text);
      return words === '' ? [] : [{ ...piece, text: words }];
    });
  return text.flatMap((piece): SmsText =>
    piece.type === 'only' ? [{ ...piece, then: plain(piece.then), otherwise: plain(piece.otherwise) }] : plain([piece]),
  );
}

/** Of two that take as many parts, the one in Unicode is to be seen: its characters may be a mistake. */
function takesMore(one: SmsParts, other: SmsParts): boolean {
  if (one.parts !== other.parts) return one.parts > other.parts;
  if (one.encoding !== other.encoding) return one.encoding === 'ucs2';
  return one.units > other.units;
}
