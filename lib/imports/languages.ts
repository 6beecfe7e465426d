// Rates how plausible a text is that was decoded in an older encoding: its letters by the alphabets of its languages,
// its punctuation and symbols by their position.
import { UNREADABLE } from './decode';
import type { LegacyEncoding } from './format';
import { positionLikelihood } from './punctuation';

/**
 * `letters`: non-ASCII, lower case. `ranked`: listed by frequency, and weighted accordingly. `seldom`: letters of few
 * words. `rare`: few files use the language.
 */
type Language = { letters: string; domains?: string[]; ranked?: boolean; seldom?: string; rare?: boolean };

const WESTERN: Language[] = [
  { letters: 'åäöéü', domains: ['se', 'fi', 'ax'] },
  { letters: 'æøåéöäü', domains: ['dk', 'no'] },
  { letters: 'äöüßé', domains: ['de', 'at', 'ch'] },
  { letters: 'éèêëàâçîïôûùüœæÿ', domains: ['fr', 'be', 'ch'], seldom: 'îïûùüœæÿ' },
  { letters: 'áéíóúñüç', domains: ['es', 'mx', 'ar'] },
  { letters: 'ãõáâàéêíóôúç', domains: ['pt', 'br'] },
  { letters: 'àèéìòùç', domains: ['it', 'ch'] },
  { letters: 'áðéíóúýþæö', domains: ['is'], rare: true },
];
const CENTRAL: Language[] = [
  { letters: 'ąćęłńóśźż', domains: ['pl'] },
  { letters: 'áčďéěíňóřšťúůý', domains: ['cz'] },
  { letters: 'áäčďéíĺľňóôŕšťúýž', domains: ['sk'], seldom: 'ĺŕ' },
  { letters: 'áčďéěíňóřšťúůýž', domains: ['cz'] },
  { letters: 'áéíóöőúüű', domains: ['hu'] },
  { letters: 'ăâîşţ', domains: ['ro'] },
  { letters: 'čćđšž', domains: ['hr', 'si', 'rs', 'ba'] },
];
const RUSSIAN: Language = { letters: 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё', domains: ['ru', 'by', 'kz'], ranked: true };
const UKRAINIAN: Language = { letters: 'оаинвіртескдлмпузябьгйчцхєжїюшфщґ', domains: ['ua'], ranked: true };
const BULGARIAN: Language = { letters: 'аоиетнрсвлкдпмзъугячбцжщхшюфйь', domains: ['bg'], ranked: true };

const ALPHABETS: Partial<Record<LegacyEncoding, Language[]>> = {
  'windows-1252': WESTERN,
  'iso-8859-15': [...WESTERN, { letters: 'äöüõšž', domains: ['ee', 'fi'] }],
  macintosh: WESTERN,
  cp850: WESTERN,
  cp437: WESTERN,
  cp865: WESTERN,
  cp852: CENTRAL,
  'windows-1250': CENTRAL,
  'iso-8859-2': CENTRAL,
  'windows-1251': [RUSSIAN, UKRAINIAN, BULGARIAN],
  'koi8-r': [RUSSIAN],
  'x-mac-cyrillic': [RUSSIAN, UKRAINIAN, BULGARIAN],
  ibm866: [RUSSIAN, BULGARIAN],
  'koi8-u': [UKRAINIAN],
  'windows-1253': [{ letters: 'αοιετσνηυρπκμλςωγδθφχβξζψάίόέήύώϊϋΐΰ', domains: ['gr', 'cy'], ranked: true }],
  'windows-1254': [{ letters: 'çğıİöşüâî', domains: ['tr'] }],
  'windows-1255': [{ letters: 'יוהלאמרתבשנכדעחקפגסטזצםןךףץ', domains: ['il'], ranked: true }],
  'windows-1256': [
    { letters: 'اليمنرتوبعدةفسهكقحجشصطخضذثغزظءئأإآؤى', domains: ['sa', 'ae', 'eg', 'ma', 'jo', 'kw'], ranked: true },
  ],
  'windows-1257': [
    { letters: 'ąčęėįšųūž', domains: ['lt'] },
    { letters: 'āčēģīķļņšūž', domains: ['lv'] },
    { letters: 'äöüõšž', domains: ['ee'] },
  ],
};

/** Characters that are frequent in names, places and letters. */
type Common = { characters: ReadonlySet<string>; domains: string[] };

const JAPANESE: Common = {
  characters: new Set(
    '田中山川木村本藤井小大佐加高橋林清水松野原島上下一二三郎子美恵太幸京東西南北阪都府県市区町氏名住所電話番号会社様齋斎渡辺伊吉斉和石池崎岡長谷部今坂森青福内西岩金宮神奈千葉愛知',
  ),
  domains: ['jp'],
};

const COMMON: Partial<Record<LegacyEncoding, Common>> = {
  shift_jis: JAPANESE,
  'euc-jp': JAPANESE,
  gb18030: {
    characters: new Set(
      '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文北京上海天津重庆广州深圳杭南成都汉西安姓名电话邮箱地址城市公司备注客户日期伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红小华建国志玉春的一是在不了有和人这中大为',
    ),
    domains: ['cn'],
  },
  big5: {
    characters: new Set(
      '王李張劉陳楊趙黃周吳徐孫胡朱高林何郭馬羅梁宋鄭謝韓唐馮于董蕭程曹袁鄧許傅沈曾彭呂蘇盧蔣蔡賴廖葉莊江簡游詹沈施柯洪邱翁溫連台北市新高雄中南桃園縣區路姓名電話郵件地址城市公司備註客戶日期志明淑芬美玲雅婷家豪怡君建宏俊傑宗華國玉春惠麗秀英文的一是在不了有和人這大為',
    ),
    domains: ['tw', 'hk'],
  },
  'euc-kr': {
    characters: new Set(
      '김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구라진민준지현수영은경미희철호동석재혜숙울부산대인천광시름메일화번소도회사자용선기순연원태상종창훈규빈나아세예윤가',
    ),
    domains: ['kr'],
  },
};

/** Breaks ties between equally good readings. */
const PRIOR: Partial<Record<LegacyEncoding, number>> = {
  'windows-1252': 0.1,
  'windows-1250': 0.04,
  'windows-1251': 0.05,
  'windows-1253': 0.02,
  'windows-1254': 0.03,
  'windows-1257': 0.02,
  'koi8-r': 0.02,
  shift_jis: 0.02,
  cp850: 0.02,
  cp437: 0.01,
};
const SELDOM = 0.6;

/** Line ends: old Macs used CR; Windows and DOS programs write CR LF. */
export type LineEnds = 'cr' | 'lf' | 'crlf';
const LINE_ENDS: Partial<Record<LegacyEncoding, Partial<Record<LineEnds, number>>>> = {
  macintosh: { cr: 0.3, crlf: -0.15 },
  cp850: { cr: -0.3 },
  cp437: { cr: -0.3 },
  cp865: { cr: -0.3 },
  cp852: { cr: -0.3 },
  ibm866: { cr: -0.3 },
  'x-mac-cyrillic': { cr: 0.3, crlf: -0.15 },
};

const KANA = /[\u3040-\u30FA\u30FC]/;
const HALF_KANA = /[\uFF66-\uFF9F]/;
const LETTER = /\p{L}/u;
const LATIN = /\p{Script=Latin}/u;
const UPPER = /\p{Lu}/u;
const LOWER = /\p{Ll}/u;
/**
 * The plausibility from which an encoding is convincing: other encodings' readings score less. East Asian text has few
 * frequent characters.
 */
export const convincing = (encoding: LegacyEncoding): number => (encoding in COMMON ? 0.3 : 0.62);

/**
 * The plausibility of the text: about 1 if all letters fit a language, below 0 if hardly any do. Linear in the text.
 */
export function likelihood(
  encoding: LegacyEncoding,
  text: string,
  { domains, lineEnds }: { domains: ReadonlyMap<string, number>; lineEnds: LineEnds },
): number {
  const common = COMMON[encoding];
  const prior = (PRIOR[encoding] ?? 0) + (LINE_ENDS[encoding]?.[lineEnds] ?? 0);
  if (common) return eastAsian(text, common.characters) + prior + domainBonus(common.domains, domains);
  const languages = ALPHABETS[encoding] ?? [];
  const all = new Set(languages.flatMap(({ letters }) => [...letters]));
  const scores = languages.map((language) => {
    const bonus = domainBonus(language.domains ?? [], domains) - (language.rare ? 0.15 : 0);
    return alphabetic(text, language, all) + bonus;
  });
  return Math.max(...scores) + prior;
}

function domainBonus(own: readonly string[], domains: ReadonlyMap<string, number>): number {
  let mine = 0;
  let others = 0;
  for (const [domain, count] of domains) {
    if (own.includes(domain)) mine += count;
    else others += count;
  }
  return mine === 0 ? 0 : (0.3 * mine) / (mine + others);
}

function alphabetic(text: string, { letters, ranked, seldom = '' }: Language, others: ReadonlySet<string>): number {
  const places = new Map([...letters].map((letter, index) => [letter, index]));
  let sum = 0;
  let count = 0;
  let run = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character <= '\u007F') {
      run = 0;
      continue;
    }
    count++;
    const place = positionLikelihood(text, at);
    if (place !== null) {
      run = 0;
      sum += character === UNREADABLE ? -2 : place;
      continue;
    }
    run++;
    const before = text[at - 1] ?? '';
    const after = text[at + 1] ?? '';
    const latin = LATIN.test(character);
    // The lower case of Turkish İ is not one character.
    const letter = character === 'İ' ? character : character.toLowerCase();
    const rank = places.get(letter);
    if (rank === undefined) sum += others.has(letter) ? 0.4 : -1;
    else if (ranked) sum += 1 - rank / places.size;
    else if (seldom.includes(letter) || isOddNeighbour(letter, after)) sum += SELDOM;
    else sum += 1;
    sum -= oddities(character, before, after, latin);
    if (latin && run > 2) sum -= 1;
    if (latin && hasNoVowel(text, at)) sum -= 0.3;
  }
  return count === 0 ? 0 : sum / count;
}

/** In Portuguese, õ is always followed by e. */
const isOddNeighbour = (letter: string, after: string) => letter === 'õ' && after.toLowerCase() !== 'e';

/** Unlikely writing: "KrakÓw", an Å among Cyrillic letters, "300Ä", a one-letter word in upper case. */
function oddities(character: string, before: string, after: string, latin: boolean): number {
  let odd = 0;
  const [followsLetter, precedesLetter] = [LETTER.test(before), LETTER.test(after)];
  if (UPPER.test(character) && LOWER.test(before)) odd += 1;
  if (LOWER.test(character) && LOWER.test(before) && UPPER.test(after)) odd += 1;
  if (LOWER.test(character) && UPPER.test(before) && UPPER.test(after)) odd += 1;
  if ((followsLetter && LATIN.test(before) !== latin) || (precedesLetter && LATIN.test(after) !== latin)) odd += 1;
  if (/\d/.test(before + after)) odd += 1;
  if (!latin) return odd;
  if (!followsLetter && !precedesLetter) odd += UPPER.test(character) ? 1.3 : 0.5;
  // Names begin with a capital.
  else if (!followsLetter && LOWER.test(character)) odd += 0.15;
  return odd;
}

/** Whether the word around a letter has four letters or more and none of them is a vowel: "Bjšrn". */
function hasNoVowel(text: string, at: number): boolean {
  const start = text.slice(Math.max(0, at - WORD), at).search(/\p{L}*$/u);
  const before = text.slice(Math.max(0, at - WORD), at).slice(start);
  const [after] = /^\p{L}*/u.exec(text.slice(at + 1, at + WORD))!;
  const word = before + text[at]! + after;
  return word.length >= 4 && !/[aeiouyæøœı]/i.test(word.normalize('NFD'));
}

const WORD = 24;

function eastAsian(text: string, characters: ReadonlySet<string>): number {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character <= '\u007F') continue;
    count++;
    if (character === UNREADABLE) sum -= 2;
    else if (characters.has(character) || KANA.test(character)) sum += 1;
    else if (HALF_KANA.test(character)) sum += HALF_KANA.test((text[at - 1] ?? '') + (text[at + 1] ?? '')) ? 0.5 : -1;
    else if (LETTER.test(character)) sum += 0.1;
    else sum += Math.min(0, positionLikelihood(text, at) ?? 0);
    // A single such character among Latin letters is a misread Latin letter.
    if (LATIN.test(text[at - 1] ?? '') && LATIN.test(text[at + 1] ?? '')) sum -= 1;
  }
  return count === 0 ? 0 : sum / count;
}
