// Promises of the search for names, which all pickers and tables of tags share.
import { describe, expect, it } from 'vitest';
import { matchScore, searchable } from './word-search';

const NAMES = [
  'Trade Show Lead',
  'Lead',
  'Webinar Participant',
  'Survey 0019',
  'Malmö visitors',
  'VIP',
  'Do not contact',
  '👨‍👩‍👧 Family',
  'עברית לקוח',
  'Web shop',
  'हिन्दी ग्राहक',
];

const found = (typed: string) => {
  const wanted = searchable(typed);
  return NAMES.map((name) => ({ name, score: matchScore(wanted, searchable(name)) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .map(({ name }) => name);
};

describe('the search for names', () => {
  it.each([
    ['lead show', ['Trade Show Lead']],
    ['show tra', ['Trade Show Lead']],
    ['surv 0019', ['Survey 0019']],
    ['webnar', ['Webinar Participant']],
    ['webinra', ['Webinar Participant']],
    ['wxbinar part', ['Webinar Participant']],
    ['partisipant web', ['Webinar Participant']],
    ['malmo', ['Malmö visitors']],
    ['contact not', ['Do not contact']],
    ['👨‍👩‍👧', ['👨‍👩‍👧 Family']],
    ['לקוח', ['עברית לקוח']],
    ['webshop', ['Web shop']],
    ['ग्राहक', ['हिन्दी ग्राहक']],
    ['surv 0018', []],
    ['vop', []],
    ['wxbxnar', []],
    ['lead nothing', []],
    ['%', []],
  ])('%j finds %j', (typed, names) => {
    expect(found(typed)).toEqual(names);
  });

  it('puts the name itself first, then what begins with it, then what contains it', () => {
    expect(found('lead')).toEqual(['Lead', 'Trade Show Lead']);
    expect(found('')).toHaveLength(NAMES.length);
  });

  it('looks through 5,000 names of 100 characters at once', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => searchable(`${'abcdefghij'.repeat(9)} ${index}`));
    const wanted = searchable('4999 abcdefghijabcx');
    expect(names.filter((name) => matchScore(wanted, name) > 0)).toHaveLength(1);
  });
});
