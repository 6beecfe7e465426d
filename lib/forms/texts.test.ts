import { expect, it } from 'vitest';
import { directionOf, LANGUAGE_NAMES, LANGUAGES, languageFor, textOf } from './texts';
import { EN, type TextKey } from './translations/en';

const KEYS = Object.keys(EN) as TextKey[];
const placesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([place]) => place).toSorted();

it.each(LANGUAGES)('%s says everything, with the same places to fill in', (language) => {
  expect(LANGUAGE_NAMES[language]).not.toBe('');
  for (const key of KEYS) {
    const text = textOf({ language, texts: {} }, key);
    expect({ key, text: text.trim() }).toEqual({ key, text });
    expect(text).not.toBe('');
    expect({ key, places: placesOf(text) }).toEqual({ key, places: placesOf(EN[key]) });
  }
});

it('fills in only what it is given', () => {
  const form = { language: 'en' as const, texts: { submit: 'Go, {constructor} {name}!', next: '' } };
  expect(textOf(form, 'submit', { name: 'Anna' })).toBe('Go, {constructor} Anna!');
  expect(textOf(form, 'next')).toBe('Next');
  expect(textOf(form, 'step', { step: 1, steps: 3 })).toBe('Step 1 of 3');
});

it('takes the first of a browser’s languages that it speaks', () => {
  expect(languageFor('sv-SE,sv;q=0.9,en;q=0.8')).toBe('sv');
  expect(languageFor('en;q=0.3, de-AT;q=0.7, xx')).toBe('de');
  expect(languageFor('nn,no;q=0.5')).toBe('nb');
  expect(languageFor('fr;q=0, it')).toBe('it');
  expect(languageFor('ar-EG')).toBe('ar');
  expect(languageFor('constructor,*')).toBe('en');
  expect(languageFor(',;q=,'.repeat(10_000))).toBe('en');
  expect(directionOf('ar')).toBe('rtl');
  expect(directionOf('pl')).toBe('ltr');
});
