// The style of a form's page, made from the few choices of its look. Whatever colours are chosen, what is written can be read: those of too little
// contrast are moved towards black or white. Imports no server code, so that the builder's preview uses it.
import { contrastOf } from '@/lib/mail-document/contrast';
import type { Brand } from '@/lib/mail-document/schema';
import { FONTS, type Look } from './look';
import type { Element, FormDocument } from './schema';

/** What of a section's brand a form has. */
export type FormBrand = Pick<Brand, 'background' | 'paper' | 'text' | 'accent' | 'logo'>;

/** Of text, and of the borders of fields (WCAG 2.2, 1.4.3 and 1.4.11), with a little to spare. */
const TEXT = 4.6;
const BORDER = 3.1;
const [BLACK, WHITE] = ['#000000', '#ffffff'] as const;
const STEPS = 20;

const contrast = (one: string, other: string): number => contrastOf(one, other) ?? 1;

/** The colour between two; `share`: of the second one. */
function mixed(one: string, other: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [from, to] = [one, other].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number];
    return Math.round(from + (to - from) * share)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${parts.join('')}`;
}

/** The colour, moved towards black or white until it can be seen on all grounds. */
export function legible(colour: string, grounds: readonly string[], ratio: number): string {
  const least = (of: string) => Math.min(...grounds.map((ground) => contrast(of, ground)));
  const towards = least(BLACK) > least(WHITE) ? BLACK : WHITE;
  for (let step = 0; step < STEPS; step++) {
    const moved = mixed(colour, towards, step / STEPS);
    if (least(moved) >= ratio) return moved;
  }
  return towards;
}

/** The text on a colour: white, unless black can be read and white cannot. */
export const textOn = (colour: string): string => (contrast(WHITE, colour) >= TEXT ? WHITE : BLACK);

type Colours = { page: string; ground: string; ink: string; accent: string };

/** The colours of one scheme, as variables. */
function variables({ page, ground, ink, accent }: Colours): string {
  const grounds = [ground];
  const text = legible(ink, grounds, TEXT);
  const all = {
    page,
    ground,
    ink: text,
    muted: legible(mixed(text, ground, 0.35), grounds, TEXT),
    line: legible(mixed(text, ground, 0.55), grounds, BORDER),
    accent,
    'on-accent': textOn(accent),
    edge: legible(accent, grounds, BORDER),
    link: legible(accent, grounds, TEXT),
    bad: legible('#c02b1d', grounds, TEXT),
  };
  return Object.entries(all)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
}

/** The colours of a form in the light and in the dark. */
export function coloursOf(look: Pick<Look, 'accent'>, brand: FormBrand): { light: Colours; dark: Colours } {
  const accent = look.accent ?? brand.accent;
  return {
    light: { page: brand.background, ground: brand.paper, ink: brand.text, accent },
    dark: { page: '#0f1114', ground: '#181b20', ink: '#e9ecef', accent: legible(accent, ['#181b20'], BORDER) },
  };
}

/** The style of a form's page. */
export function styleOf(look: Look, brand: FormBrand): string {
  const { light, dark } = coloursOf(look, brand);
  const [inLight, inDark] = [`color-scheme:light;${variables(light)}`, `color-scheme:dark;${variables(dark)}`];
  const schemes = {
    light: `:root{${inLight}}`,
    dark: `:root{${inDark}}`,
    auto: `:root{${inLight}}@media(prefers-color-scheme:dark){:root{${inDark}}}`,
  };
  const corner = look.corners === 'round' ? '.5rem' : '0';
  return `${schemes[look.scheme]}:root{--r:${corner};--font:${FONTS[look.font]}}${BASE}`;
}

const BASE = `
*,::before,::after{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 var(--font);overflow-wrap:anywhere}
main{background:var(--ground);max-inline-size:40rem;margin-inline:auto;padding:1.5rem 1.25rem 2rem}
@media(min-width:44rem){body:not(.in){background:var(--page)}body:not(.in) main{margin-block:2rem;padding:2rem 2.5rem 2.5rem;border-radius:var(--r)}}
.in main{max-inline-size:none;padding:.25rem .25rem 1rem}
[dir=ltr] [dir=auto]:not(.i){text-align:left}
[dir=rtl] [dir=auto]:not(.i){text-align:right}
h1,h2{line-height:1.25;margin:0 0 .75rem}
h1{font-size:1.625rem}
h2{font-size:1.25rem}
p{margin:0 0 1rem}
img{display:block;max-inline-size:100%;block-size:auto;margin-block-end:1rem}
a{color:var(--link)}
.w{margin-block-end:1.25rem}
.w>label:not(.c),legend{display:block;font-weight:600;padding:0;margin-block-end:.25rem}
fieldset{border:0;margin:0;padding:0;min-inline-size:0}
.o,.h,.n{color:var(--muted);font-weight:400}
.h,.n{font-size:.9375rem;margin-block-end:.375rem}
input,select,textarea,button{font:inherit;color:inherit}
.i{display:block;inline-size:100%;min-block-size:2.75rem;padding:.5rem .75rem;background:var(--ground);border:1px solid var(--line);border-radius:var(--r)}
.i[type=date]{inline-size:auto;min-inline-size:12rem}
[aria-invalid=true].i{border:2px solid var(--bad)}
.c{display:flex;align-items:flex-start;gap:.625rem;padding-block:.5rem;cursor:pointer}
.c input{inline-size:1.5rem;block-size:1.5rem;margin:0;flex:none;accent-color:var(--edge)}
.e{color:var(--bad);font-weight:600;margin:.25rem 0 .375rem}
.e::before{content:"\\26A0\\FE0E\\A0"}
.s{border:2px solid var(--bad);border-radius:var(--r);padding:1rem 1.25rem;margin-block-end:1.5rem}
.s h2{margin-block-end:.25rem}
.s ul{margin:0;padding-inline-start:1.25rem}
.s a{color:var(--bad)}
.s p{margin:0}
.b{display:flex;flex-wrap:wrap;gap:.75rem;margin-block-start:1.75rem}
button,.go{display:inline-flex;align-items:center;min-block-size:2.75rem;padding:.5rem 1.5rem;border:1px solid var(--edge);border-radius:var(--r);background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none;cursor:pointer}
.k{background:none;color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
progress{inline-size:100%;block-size:.375rem;margin-block-end:1.25rem;accent-color:var(--edge)}
.z{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.x{position:absolute;inset-inline-start:-200vw;inset-block-start:0}
`;

/**
 * Shows and hides elements by what is chosen before them, without a script. What a browser does not understand here is shown; the server ignores the
 * answers to what should not have been.
 */
export function conditionsStyle({ steps }: Pick<FormDocument, 'steps'>): string {
  const rules: string[] = [];
  for (const { elements } of steps) {
    // What was chosen in earlier steps the server knows.
    const before = new Map<string, Element>();
    for (const element of elements) {
      const conditions = chosenBefore(element, before);
      if (conditions.length > 0) {
        const shown = conditions.map((condition) => `:has(${condition})`).join('');
        rules.push(`#w-${element.id}{display:none}form${shown} #w-${element.id}{display:block}`);
      }
      before.set(element.id, element);
    }
  }
  return rules.length === 0 ? '' : `@supports selector(:has(*)){${rules.join('')}}`;
}

/** Selectors of what has to be chosen for an element to be shown: its own condition, and those of what that is about. */
function chosenBefore(element: Element, before: ReadonlyMap<string, Element>): string[] {
  const { shownIf } = element;
  const other = shownIf && before.get(shownIf.elementId);
  if (!other) return [];
  const own = chosenIn(other, shownIf.values);
  return own === null ? [] : [own, ...chosenBefore(other, before)];
}

/** A selector of an answer that was chosen; null if only the server can tell. */
function chosenIn(element: Element, values: readonly string[]): string | null {
  if (element.kind === 'consent' || element.kind === 'terms') return `#e-${element.id}:checked`;
  if (element.kind !== 'input') return null;
  const places = values.map((value) =>
    element.type === 'yesno' ? ['yes', 'no'].indexOf(value) : element.choices.findIndex((one) => one.value === value),
  );
  switch (element.type) {
    case 'choice':
    case 'several':
    case 'yesno': {
      // The first option of a menu is none of the choices.
      const chosen = places
        .filter((place) => place >= 0)
        .map((place) =>
          isMenu(element) ? `#e-${element.id}>:nth-child(${place + 2}):checked` : `#e-${element.id}-${place}:checked`,
        );
      return chosen.length > 0 ? chosen.join(',') : ':not(*)';
    }
    default:
      return null;
  }
}

export const isMenu = (element: Element): boolean =>
  element.kind === 'input' && element.type === 'choice' && element.look === 'menu';
