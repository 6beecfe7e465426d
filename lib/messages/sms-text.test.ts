// The text of an SMS: written with names, kept by id, filled for a person, and counted.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeId, TagId } from '@/lib/db/ids';
import { filledAddress } from '@/lib/mail-document/link-values';
import { smsParts, withoutTypography } from '@/lib/sms/parts';
import { destinationOf } from './destination';
import { withLinks } from './sms-links';
import { attributesOfSms, SmsTextSchema, TAGS_MAX, tagsOfSms, type SmsText } from './sms-pieces';
import { inPlainCharacters, partsOfSms, saysHowToStop, saysSomething, smsFor } from './sms-text';
import { problemsOfSms, readSms, tagNamesIn, unknownNames, writtenSms, type SmsNames } from './sms-written';

const FIRST = 4 as AttributeId;
const CITY = 9 as AttributeId;
const VIP = 7 as TagId;
const PARTNER = 8 as TagId;
const NAMES: SmsNames = {
  attributes: [
    { id: FIRST, name: 'First name' },
    { id: CITY, name: 'City' },
  ],
  tags: [
    { id: VIP, name: 'VIP' },
    { id: PARTNER, name: 'Partner' },
  ],
};
const NOTHING: SmsNames = { attributes: [], tags: [] };

const read = (written: string, names = NAMES) => readSms(written, names).text;
const settings = { trackClicks: true, utm: null };
const measures = { linkLength: 60, settings };
const person = (tags: readonly TagId[] = [], values: readonly (readonly [AttributeId, string])[] = []) => ({
  values: new Map(values),
  tags: new Set(tags),
});
const said = (written: string, to = person()) => smsFor(read(written), to, { optOut: '', links: [] });

describe('a text', () => {
  it('is kept by id: after a rename it is shown with the new name, and means the same', () => {
    const text = read('Hej {first NAME|du}!\n{City} {dig} {{x');
    expect(text).toEqual([
      { type: 'text', text: 'Hej ' },
      { type: 'variable', attributeId: FIRST, fallback: 'du' },
      { type: 'text', text: '!\n' },
      { type: 'variable', attributeId: CITY, fallback: '' },
      { type: 'text', text: ' {dig} {{x' },
    ]);
    const renamed = { ...NOTHING, attributes: [{ id: FIRST, name: 'Förnamn' }] };
    expect(writtenSms(text, renamed)).toBe('Hej {Förnamn|du}!\n{#9} {dig} {{x');
    expect(read(writtenSms(text, NAMES))).toEqual(text);
    expect(read('{#9}', NOTHING)).toEqual([{ type: 'variable', attributeId: CITY, fallback: '' }]);
    expect([unknownNames(text), attributesOfSms(text)]).toEqual([['{dig}'], [FIRST, CITY]]);
  });

  it('is filled for a person: values are never read as names', () => {
    const written = '{First name|du}, {City}.';
    expect(said(written, person([], [[FIRST, '{City}']]))).toBe('{City}, .');
    expect(said(written, person([], [[FIRST, ' ']]))).toBe('du, .');
  });

  it('[167] is counted as typed: a curly quote makes three parts of one, and can be replaced', () => {
    const text = `${'x'.repeat(159)}’`;
    expect(smsParts(text)).toMatchObject({ parts: 3, encoding: 'ucs2', unicode: ['’'] });
    expect(smsParts(withoutTypography(text))).toMatchObject({ parts: 1, encoding: 'gsm7', left: 0 });
  });

  it('is written in plain characters in its words only: a name with a curly quote stays what it is', () => {
    const odd = { attributes: [{ id: FIRST, name: 'Kid’s name' }], tags: [{ id: VIP, name: '“VIP”' }] };
    const text = read('{Kid’s name|“you”} – {if “VIP”}’{else}…{end}', odd);
    expect(writtenSms(inPlainCharacters(text), odd)).toBe('{Kid’s name|"you"} - {if “VIP”}\'{else}...{end}');
    expect(inPlainCharacters([{ type: 'text', text: '\u200b' }, { type: 'optOut' }])).toEqual([{ type: 'optOut' }]);
  });

  it('[168] is counted by its alphabet, with values as people have them, about', () => {
    expect(partsOfSms(read(`{First name|${'y'.repeat(100)}}${'x'.repeat(61)}`), measures)).toMatchObject({ parts: 2 });
    expect(partsOfSms(read('{City}'), measures)).toMatchObject({ parts: 1, units: 8 });
    expect(smsParts('^{}[]~|€\\')).toMatchObject({ units: 18, encoding: 'gsm7' });
  });
});

describe('a part for some', () => {
  it('goes to people with the tag, or without it, and the others get what is said for them', () => {
    const text = '{If vip}Salon{ELSE}Shop {First name|you}{end}!{if not Partner} Join{end}';
    expect([person([VIP]), person([PARTNER]), person([VIP, PARTNER])].map((to) => said(text, to))).toEqual([
      'Salon! Join',
      'Shop you!',
      'Salon!',
    ]);
    expect([tagsOfSms(read(text)), attributesOfSms(read(text))]).toEqual([[VIP, PARTNER], [FIRST]]);
  });

  it('is kept by id, and shown by the name that its tag has now, or by its number', () => {
    const text = read('{if not VIP}a{else}b{end}');
    expect(text).toEqual([
      {
        ...{ type: 'only', tagId: VIP, has: false },
        ...{ then: [{ type: 'text', text: 'a' }], otherwise: [{ type: 'text', text: 'b' }] },
      },
    ]);
    expect(SmsTextSchema.parse(text)).toEqual(text);
    const renamed = writtenSms(text, { ...NOTHING, tags: [{ id: VIP, name: 'Gold' }] });
    expect(renamed).toBe('{if not Gold}a{else}b{end}');
    expect(writtenSms(text, NOTHING)).toBe('{if not #7}a{else}b{end}');
    expect(read('{if not #7}a{else}b{end}', NOTHING)).toEqual(text);
  });

  it.each([
    ['a\n{if Gold}b{end}', ['Line 2: “{if Gold}” asks for “Gold”, and there is no such tag.']],
    ['{if VIP}a\n\n', ['Line 1: “{if VIP}” has no {end}.']],
    ['a{end}\n{else}', ['Line 1: “{end}” has no {if …} before it.', 'Line 2: “{else}” has no {if …} before it.']],
    ['{if VIP}a{else}b{else}c{end}', ['Line 1: “{else}” is a second one in the same part.']],
    [
      '{if VIP}a\n{if Partner}b{end}{end}',
      [
        'Line 1: “{if VIP}” has no {end} before “{if Partner}”: no part can be inside another.',
        'Line 2: “{end}” has no {if …} before it.',
      ],
    ],
    ['{if }a{end}', ['Line 1: “{if }” names no tag.']],
    ['{if VIP}a{end}', []],
  ])('%j is said to be wrong where it is, and stays as it was written', (written, words) => {
    const { text, problems } = readSms(written, NAMES);
    expect(problems.map((problem) => problem.words)).toEqual(words);
    expect(problems.map(({ at, length }) => written.slice(at, at + length))).toEqual(
      problems.map((problem) => /“(.*?)”/.exec(problem.words)![1]),
    );
    expect(writtenSms(text, NAMES)).toBe(written);
    // The server has no names, and finds the same.
    expect(problemsOfSms(SmsTextSchema.parse(text)).map(({ line }) => line)).toEqual(problems.map(({ line }) => line));
    expect(unknownNames(text)).toEqual([]);
  });

  it('can ask for so many tags only: every combination of them is counted', () => {
    const tags = Array.from({ length: TAGS_MAX + 1 }, (_, nth) => ({ id: (nth + 1) as TagId, name: `T${nth}` }));
    const written = tags.map(({ name }) => `{if ${name}}x{end}`).join('');
    const { text, problems } = readSms(written, { ...NOTHING, tags });
    expect(tagsOfSms(text)).toHaveLength(TAGS_MAX);
    expect(problems.map(({ words }) => words)).toEqual([
      'Line 1: “{if T6}” is for one more tag than the 6 that a text can ask for.',
    ]);
    const forged = tags.map(({ id }) => ({ type: 'only', tagId: id, has: true, then: [], otherwise: [] }));
    expect(SmsTextSchema.safeParse(forged).success).toBe(false);
  });

  it('is written by number where its name would be read as something else', () => {
    const odd = {
      attributes: ['end', 'if VIP', 'Opt-out link', 'a|b', 'not'].map((name, nth) => ({
        id: (nth + 1) as AttributeId,
        name,
      })),
      tags: ['VIP', 'not VIP', 'a}b', 'Not interested', 'not'].map((name, nth) => ({ id: (nth + 1) as TagId, name })),
    };
    const values: SmsText = odd.attributes.map(({ id }) => ({ type: 'variable', attributeId: id, fallback: '' }));
    const parts: SmsText = odd.tags.map(({ id }) => ({ type: 'only', tagId: id, has: true, then: [], otherwise: [] }));
    expect(writtenSms(values, odd)).toBe('{#1}{#2}{#3}{#4}{not}');
    const written = '{if VIP}{end}{if #2}{end}{if #3}{end}{if Not interested}{end}{if not}{end}';
    expect(writtenSms(parts, odd)).toBe(written);
    expect([readSms(writtenSms(values, odd), odd).text, readSms(written, odd).text]).toEqual([values, parts]);
    expect(tagNamesIn('{if Not interested}{if not VIP}{if #3}{if}')).toEqual([
      ...['interested', 'Not interested', 'VIP', 'not VIP'],
    ]);
  });

  it('is counted for those for whom it takes most: a short one in Unicode can take more than a long one', () => {
    const long = 'x'.repeat(150);
    const most = (written: string) => partsOfSms(read(written), measures);
    expect(most(`{if VIP}${long}${long}{else}${long}{end}`)).toMatchObject({ parts: 2, units: 300 });
    expect(most(`{if VIP}${long}{else}${'x'.repeat(80)}👋{end}`)).toMatchObject({ parts: 2, encoding: 'ucs2' });
    // Nobody has a tag and has it not.
    expect(most(`{if VIP}${long}{end}{if not VIP}${long}{end}`)).toMatchObject({ parts: 1, units: 150 });
    expect(most(`{if VIP}${long}{end}{if Partner}${long}{end}`)).toMatchObject({ parts: 2, units: 300 });
  });

  it('leaves everybody a way out, and something to read', () => {
    expect(saysHowToStop(read('Hi{if VIP} Reply STOP{end}'))).toBe(false);
    expect(saysHowToStop(read('Hi{if VIP} Reply STOP{else} {opt-out link}{end}'))).toBe(true);
    expect(saysHowToStop(read('https://shop.example/stop'))).toBe(false);
    expect(
      ['', '{if VIP}{end}', '{if VIP}Hi{end}', '{if VIP}Hi{else}Ho{end}'].map((text) => saysSomething(read(text))),
    ).toEqual(['none', 'none', 'some', 'all']);
  });
});

describe('of any text', () => {
  const token = fc.constantFrom(
    ...['{if VIP}', '{if not Partner}', '{if Gold}', '{if #7}', '{IF  vip }', '{else}', '{end}', '{First name}'],
    ...[
      '{City|Oslo}',
      '{#9|x}',
      '{Opt-out link}',
      '{dig}',
      '{',
      '}',
      '|',
      '\n',
      ' ',
      'a',
      'https://x.example/y',
      '👋',
      'é',
    ],
  );
  const writing = fc.array(token, { maxLength: 14 }).map((tokens) => tokens.join(''));

  it('what is written of it is read as the same text, and its problems are in the same lines without names', () => {
    fc.assert(
      fc.property(writing, (written) => {
        const { text, problems } = readSms(written, NAMES);
        expect(readSms(writtenSms(text, NAMES), NAMES).text).toEqual(text);
        expect(readSms(writtenSms(text, NOTHING), NOTHING).text).toEqual(text);
        expect(problemsOfSms(text).map(({ line }) => line)).toEqual(problems.map(({ line }) => line));
        expect(SmsTextSchema.parse(text)).toEqual(text);
      }),
      { numRuns: 500 },
    );
  });

  it('nobody’s takes more parts than were counted, and somebody’s takes as many', () => {
    const everybody = [[], [VIP], [PARTNER], [VIP, PARTNER]].map((tags) => person(tags, [[FIRST, 'y'.repeat(8)]]));
    fc.assert(
      fc.property(writing, fc.integer({ min: 0, max: 60 }), fc.boolean(), (words, times, trackClicks) => {
        const text = read(`${words} ${'lång text '.repeat(times)}${words}`);
        const utm = { source: 'news', medium: 'sms', campaign: '' };
        const counted = partsOfSms(text, { linkLength: 52, settings: { trackClicks, utm } });
        const { text: linked, links } = withLinks(text);
        const own = `https://t.example/c/${'A'.repeat(32)}`;
        const values = new Map([[FIRST, 'y'.repeat(8)]]);
        const addresses = links.map(({ address }) =>
          trackClicks ? own : filledAddress(destinationOf(address, utm), values),
        );
        const taken = everybody.map((to) => smsParts(smsFor(linked, to, { optOut: own, links: addresses })).parts);
        expect(Math.max(...taken)).toBe(counted.parts);
      }),
      { numRuns: 300 },
    );
  });
});
