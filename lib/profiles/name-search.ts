// Finds people by words of their names: in any order, by the beginnings of words, without accents and case, so that
// 'oberg as' finds Åsa Öberg. By an index on the words of each name (the migrations name_words and name_words_statistics).
import type { SectionId } from '@/lib/db/ids';
import { Sql, sql } from '@/lib/db/sql';

/** Accents, Hebrew points and Arabic vowels, as regular expressions of JavaScript and of PostgreSQL write them. */
const MARKS = String.raw`[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]`;
const ALL_MARKS = new RegExp(MARKS, 'gu');

/** Letters that Unicode does not decompose; also capitals, since some databases can lower only those of ASCII. */
const [LETTERS, PLAIN_LETTERS] = ['øØłŁđĐðÐħĦıς', 'oollddddhhiσ'];
const PAIRS = { ß: 'ss', ẞ: 'ss', æ: 'ae', Æ: 'ae', œ: 'oe', Œ: 'oe', þ: 'th', Þ: 'th' };

/** What stands between words, besides blanks. */
const BETWEEN = `-_./:,;&+|()"'’‘\`–—`;

const FOLDED = new Map<string, string>([
  ...[...LETTERS].map((letter, index) => [letter, PLAIN_LETTERS[index]!] as const),
  ...Object.entries(PAIRS),
  ...[...BETWEEN].map((sign) => [sign, ' '] as const),
]);

/** 'Åsa von Möller-Groß': asa, von, moller, gross. */
function wordsOf(text: string): string[] {
  const base = text.normalize('NFKD').replace(ALL_MARKS, '').toLowerCase();
  const folded = Array.from(base, (letter) => FOLDED.get(letter) ?? letter).join('');
  return folded.split(' ').filter(Boolean);
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The words of a name, as `wordsOf` has them, with the section before each: '7:asa', '7:oberg'. */
function indexedWords(): string {
  const name = `coalesce(named.attributes ->> 'firstname', '') || ' ' || coalesce(named.attributes ->> 'lastname', '')`;
  const lowered = `lower(regexp_replace(normalize(${name}, NFKD), ${quoted(MARKS)}, '', 'g'))`;
  const paired = Object.entries(PAIRS).reduce(
    (text, [letter, pair]) => `replace(${text}, ${quoted(letter)}, ${quoted(pair)})`,
    lowered,
  );
  // Most names have nothing to fold but their case, which is much faster.
  const folded = `case when octet_length(${name}) = char_length(${name}) then lower(${name}) else ${paired} end`;
  const blanks = PLAIN_LETTERS + ' '.repeat(BETWEEN.length);
  // A word has room for 2 kB.
  const words = `left(translate(${folded}, ${quoted(LETTERS + BETWEEN)}, ${quoted(blanks)}), 400)`;
  const inSection = `replace(' ' || ${words}, ' ', ' ' || named.section_id::text || ':')`;
  return `array_to_tsvector(array_remove(string_to_array(${inSection}, ' '), ''))`;
}

/** The expression of the index `profile_name_words`, on a row of profiles called `named`. */
export const NAME_WORDS = new Sql([indexedWords()], []);

/** More are left out: nobody has such a name. */
const WORDS = 10;

/** Selects the `id` of the profiles whose names have all the words of the text; null if it has none. */
export function namedLike(sectionId: SectionId, text: string): Sql | null {
  const words = wordsOf(text).slice(0, WORDS);
  if (words.length === 0) return null;
  const wanted = words.map((word) => `${quoted(`${sectionId}:${word}`.replaceAll('\\', '\\\\'))}:*`).join(' & ');
  return sql`
    select named.id from profile named
    where named.section_id = ${sectionId} and ${NAME_WORDS} @@ ${wanted}::tsquery`;
}
