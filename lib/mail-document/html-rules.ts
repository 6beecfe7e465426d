// What the HTML of a block may have. Everything else is left out: a mail is read in programs that cannot be patched, and stands in one page with the
// footer and its link to unsubscribe.

/** Elements that stay. */
export const ELEMENTS = new Set(
  (
    'a abbr address b big blockquote br caption center cite code dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins li mark ol p q s small ' +
    'span strike strong sub sup table tbody td tfoot th thead tr u ul'
  ).split(' '),
);

/** Mail programs know them as this. */
export const RENAMED: Record<string, string> = Object.fromEntries(
  'article aside details figcaption figure footer header main nav section summary'
    .split(' ')
    .map((name) => [name, 'div']),
);

/** The frame of a whole page: what is in it stays. */
export const PAGE = new Set(['html', 'head', 'body']);

export const VOID = new Set(['br', 'hr', 'img']);

/** Elements that go with what is in them. */
export const DROPPED: Record<string, 'script' | 'sheet' | 'embedded' | 'svg' | 'form' | 'page'> = {
  script: 'script',
  noscript: 'script',
  template: 'script',
  style: 'sheet',
  link: 'sheet',
  title: 'page',
  meta: 'page',
  base: 'page',
  ...Object.fromEntries(
    'iframe frame frameset noframes object embed applet param video audio source track canvas noembed xmp plaintext map area'
      .split(' ')
      .map((name) => [name, 'embedded' as const]),
  ),
  svg: 'svg',
  math: 'svg',
  ...Object.fromEntries('input select textarea datalist output'.split(' ').map((name) => [name, 'form' as const])),
};

/** Elements of forms whose words stay. */
export const FORM = new Set(['form', 'button', 'label', 'fieldset', 'legend']);

/** Where parts of a table may stand. Elsewhere they would end the cell that the block stands in. */
export const TABLE_PARTS: Record<string, readonly string[]> = {
  caption: ['table'],
  thead: ['table'],
  tbody: ['table'],
  tfoot: ['table'],
  tr: ['table', 'thead', 'tbody', 'tfoot'],
  td: ['tr'],
  th: ['tr'],
};

/** Closed by what follows: leaving their end out is no mistake. */
export const ENDS_ITSELF = new Set('p li dt dd tr td th thead tbody tfoot html head body'.split(' '));

const WORD = /^[a-z][a-z-]{0,30}$/i;
const COLOUR = /^#?[a-z0-9]{1,30}$/i;
const NUMBER = /^\d{1,4}$/;
const SIZE = /^\d{1,4}(?:px|%)?$/i;
const ANYTHING = /^[^]{0,1000}$/;

/** Attributes that stay, by what they may be. Links, pictures and styles have rules of their own. */
export const ATTRIBUTES: Record<string, RegExp> = {
  align: WORD,
  valign: WORD,
  dir: WORD,
  lang: /^[a-z0-9-]{1,35}$/i,
  role: WORD,
  'aria-hidden': WORD,
  'aria-label': ANYTHING,
  title: ANYTHING,
  alt: ANYTHING,
  summary: ANYTHING,
  width: SIZE,
  height: SIZE,
  bgcolor: COLOUR,
  color: COLOUR,
  border: NUMBER,
  cellpadding: NUMBER,
  cellspacing: NUMBER,
  colspan: NUMBER,
  rowspan: NUMBER,
  start: NUMBER,
  value: NUMBER,
  scope: WORD,
  nowrap: /^[a-z]{0,10}$/i,
  noshade: /^[a-z]{0,10}$/i,
  size: /^[+-]?\d{1,3}$/,
  type: /^[a-z0-9]{1,10}$/i,
  face: /^[\p{L}\p{N} ,'"-]{1,200}$/u,
};

/** Attributes in which people read words, so that a value may stand there. */
export const WORDED = new Set(['alt', 'title', 'aria-label', 'summary']);

const PROPERTIES = new RegExp(
  '^(?:background|background-color|border(?:-[a-z-]+)?|box-shadow|box-sizing|caption-side|clear|color|direction|display|empty-cells|float|' +
    'font(?:-[a-z-]+)?|height|hyphens|letter-spacing|line-height|list-style(?:-type|-position)?|margin(?:-[a-z]+)?|(?:max|min)-(?:width|height)|' +
    'opacity|overflow|overflow-wrap|padding(?:-[a-z]+)?|table-layout|text-[a-z-]+|vertical-align|white-space|width|word-(?:break|spacing|wrap)|' +
    'mso-[a-z-]+|-(?:webkit|ms)-text-size-adjust|-ms-interpolation-mode)$',
);
const FUNCTIONS = new Set(['rgb', 'rgba', 'hsl', 'hsla', 'linear-gradient', 'calc']);
const VALUE = /^[\p{L}\p{N}\s#%.,'"()+\-/!*]{1,500}$/u;

/** The declarations of a style attribute that may stay, and those that may not. */
export function cleanStyle(style: string): { kept: string; removed: string[] } {
  const kept: string[] = [];
  const removed: string[] = [];
  for (const declaration of declarationsOf(style.replace(/\/\*[^]*?(?:\*\/|$)/g, ''))) {
    const colon = declaration.indexOf(':');
    const name = declaration.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const value = declaration.slice(colon + 1).trim();
    if (isHarmless(name, value)) kept.push(`${name}:${value.replace(/\s+/g, ' ')}`);
    else removed.push(declaration.trim().slice(0, 80));
  }
  return { kept: kept.join(';'), removed };
}

/** It loads nothing, runs nothing, and cannot lie over the rest of the mail. */
function isHarmless(name: string, value: string): boolean {
  if (!PROPERTIES.test(name) || !VALUE.test(value)) return false;
  if (name.startsWith('margin') && /(?:^|[^\p{L}\p{N}])-/u.test(value)) return false;
  // What is half transparent is drawn over all that follows, however far it reaches.
  if (name === 'opacity' && !/^(?:0|1|0%|100%)$/.test(value)) return false;
  if (name === 'box-shadow' && reachesFar(value)) return false;
  if ([...value.matchAll(/"/g)].length % 2 === 1 || [...value.matchAll(/'/g)].length % 2 === 1) return false;
  return [...value.matchAll(/([\p{L}\p{N}-]*)\s*\(/gu)].every(([, called = '']) => FUNCTIONS.has(called.toLowerCase()));
}

/** By more than 99 pixels, or by what the size of the page decides. Colours are no lengths. */
const reachesFar = (shadow: string): boolean =>
  /\d{3}|\d(?!px)[a-z%]/i.test(shadow.replace(/\([^)]*\)|#[\da-f]+/gi, '').replace(/\d\.\d+(?=px)/g, '0'));

const CLOSING: Record<string, string> = { '"': '"', "'": "'", '(': ')' };

/** Parts between semicolons that stand in no quotes or brackets. What nothing closes is a sign like any other. Reads each sign once. */
function declarationsOf(style: string): string[] {
  const found: string[] = [];
  const last = new Map(Object.values(CLOSING).map((sign) => [sign, style.lastIndexOf(sign)]));
  let from = 0;
  for (let at = 0; at <= style.length; at++) {
    const sign = style[at];
    const closing = sign === undefined ? undefined : CLOSING[sign];
    if (closing !== undefined && at < last.get(closing)!) at = style.indexOf(closing, at + 1);
    else if (sign === ';' || sign === undefined) {
      found.push(style.slice(from, at));
      from = at + 1;
    }
  }
  return found.filter((one) => one.trim() !== '');
}
