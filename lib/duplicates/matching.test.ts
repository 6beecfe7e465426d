// In what profiles are compared by, what is one mailbox, one number or one name has one spelling; what is not has others.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { normaliseKey } from '@/lib/profiles/keys';
import { addPeople } from '@/testing/duplicates';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { comparedValues, usualCallingCode } from './matching';
import { sourcesOf } from './sources';

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

const SOURCES = { email: ['email'], name: ['birthdate'], phone: ['mobile', 'phone'] };

/** The spelling of each value of an attribute, or null if it is not compared. */
async function spellings(code: string, texts: readonly string[], callingCode: string | null = null) {
  const sectionId = await createTestSection(account.accountId, 'Spellings');
  return spellingsOf(
    sectionId,
    texts.map((text) => ({ [code]: text })),
    callingCode,
  );
}

async function spellingsOf(sectionId: SectionId, people: readonly object[], callingCode: string | null = null) {
  const ids = await addPeople(sectionId, people);
  const found = await rows<{ id: number; value: string }>(
    pool(),
    sql`select profile_id as id, value from (${comparedValues(sectionId, { sources: SOURCES, callingCode })}) compared`,
  );
  const values = new Map(found.map(({ id, value }) => [id, value]));
  return ids.map((id) => values.get(id) ?? null);
}

/** A plain implementation of the rule for addresses. */
function mailboxOf(text: string): string | null {
  const parts = text.trim().toLowerCase().split('@');
  const [local = '', domain = ''] = parts;
  const dot = domain.lastIndexOf('.');
  const dotted = [...domain].some((letter, index) => letter === '.' && index > 0 && index < domain.length - 1);
  if (parts.length !== 2 || local === '' || dot < 0 || !dotted || /\s/.test(text.trim())) return null;
  const plus = local.indexOf('+');
  const mailbox = plus > 0 ? local.slice(0, plus) : local;
  const isGoogle = domain === 'gmail.com' || domain === 'googlemail.com';
  return isGoogle ? `${mailbox.replaceAll('.', '')}@gmail.com` : `${mailbox}@${domain}`;
}

describe('the spelling of an email address', () => {
  it('ignores capitals and what follows a plus, and dots at Google only', async () => {
    expect(
      await spellings('email', [
        'Anna.Berg@Example.com',
        'anna.berg+news@example.com',
        'annaberg@example.com',
        'Anna.Berg+News@gmail.com',
        'annaberg@googlemail.com',
        '+46701234567@example.com',
        'not an address',
        'two@at@example.com',
      ]),
    ).toEqual([
      'anna.berg@example.com',
      'anna.berg@example.com',
      'annaberg@example.com',
      'annaberg@gmail.com',
      'annaberg@gmail.com',
      '+46701234567@example.com',
      null,
      null,
    ]);
  });

  it('is that of a plain implementation, for any address', async () => {
    const local = fc.string({
      unit: fc.constantFrom('a', 'B', 'å', 'Å', '.', '+', '-', '7'),
      minLength: 0,
      maxLength: 8,
    });
    const domain = fc.constantFrom(
      'gmail.com',
      'GMail.com',
      'googlemail.com',
      'example.com',
      'gmail.com.br',
      'x.gmail.com',
      'com',
    );
    const address = fc
      .tuple(local, fc.constantFrom('@', '@', '@', '@@', ''), domain, fc.constantFrom('', '', ' ', '\t'))
      .map(([own, at, host, blank]) => `${blank}${own}${at}${host}${blank}`);
    await fc.assert(
      fc.asyncProperty(fc.array(address, { minLength: 150, maxLength: 150 }), async (addresses) => {
        expect(await spellings('email', addresses)).toEqual(addresses.map(mailboxOf));
      }),
      { numRuns: 3 },
    );
  });
});

describe('the spelling of a phone number', () => {
  it('is that of the key, in every notation', async () => {
    const number = fc.tuple(
      fc.constantFrom('70', '72', '73', '76', '79'),
      fc.integer({ min: 2_000_000, max: 9_999_999 }),
    );
    const notations = [
      (area: string, rest: string) => `+46${area}${rest}`,
      (area: string, rest: string) => `0046 ${area} ${rest}`,
      (area: string, rest: string) => `0${area}-${rest.slice(0, 3)} ${rest.slice(3, 5)} ${rest.slice(5)}`,
      (area: string, rest: string) => `+46 (0)${area}-${rest}`,
      (area: string, rest: string) => ` (0${area}) ${rest.slice(0, 3)}.${rest.slice(3)} `,
      (area: string, rest: string) => `tel:+46${area}${rest}`,
      (area: string, rest: string) => `46${area}${rest}`,
      // A spreadsheet has dropped the zero.
      (area: string, rest: string) => `${area}${rest}`,
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 20, maxLength: 20 }), async (numbers) => {
        const texts = numbers.flatMap(([area, rest]) => notations.map((notation) => notation(area, String(rest))));
        const keys = texts.map((text) => normaliseKey('mobile', text, 'SE'));
        expect(keys.every(({ ok }) => ok)).toBe(true);
        expect(await spellings('phone', texts, '46')).toEqual(keys.map((found) => found.ok && found.key));
      }),
      { numRuns: 2 },
    );
  });

  it('of other countries is as long as it is, and of the section’s country has the calling code', async () => {
    const texts = ['+358 40 123 4567', '+1 415 555 0132', '+4791234567', '0044 7911 123456'];
    expect(await spellings('phone', texts, '46')).toEqual([
      '358401234567',
      '14155550132',
      '4791234567',
      '447911123456',
    ]);
    expect(await spellings('phone', ['415 555 0132', '1-415-555-0132'], '1')).toEqual(['14155550132', '14155550132']);
    expect(await spellings('phone', ['91 23 45 67', '+47 91234567'], '47')).toEqual(['4791234567', '4791234567']);
  });

  it('without a country is equal only to one that is written so, if the country is unknown', async () => {
    expect(await spellings('phone', ['070-123 45 67', '0701234567', '+46701234567'])).toEqual([
      '0701234567',
      '0701234567',
      '46701234567',
    ]);
  });

  it('is none for what is not a phone number', async () => {
    const texts = ['12', '070-abc 45 67', 'unknown', '070-123 45 67 / 070-765 43 21 / 08-12 34 56', '2026-11-26 10:00'];
    expect(await spellings('phone', texts, '46')).toEqual(texts.map(() => null));
  });
});

it('the spelling of a name ignores capitals and blanks, and needs both names and a birthday', async () => {
  const sectionId = await createTestSection(account.accountId, 'Names');
  const birthdate = '1980-11-30';
  expect(
    await spellingsOf(sectionId, [
      { firstname: 'Åsa  Maria', lastname: 'ÖBERG', birthdate },
      { firstname: 'åsa', lastname: 'Maria Öberg ', birthdate },
      { firstname: 'Åsa', lastname: 'Öberg' },
      { firstname: 'Åsa', lastname: ' ', birthdate },
      { lastname: 'Öberg', birthdate },
    ]),
  ).toEqual(['åsa maria öberg 1980-11-30', 'åsa maria öberg 1980-11-30', null, null, null]);
});

it('phone numbers without a country are of the country that most numbers of the section are of', async () => {
  const sectionId = await createTestSection(account.accountId, 'Countries');
  expect(await usualCallingCode(pool(), sectionId)).toBeNull();
  await addPeople(
    sectionId,
    ['46701234567', '46701234568', '358401234567'].map((mobile) => ({ mobile })),
  );
  expect(await usualCallingCode(pool(), sectionId)).toBe('46');
  await addPeople(sectionId, [{ mobile: '358401234568' }, { mobile: '14155550132' }]);
  expect(await usualCallingCode(pool(), sectionId)).toBeNull();
});

it('text attributes are compared by their names, in any language', () => {
  const attribute = (code: string, name: string, type: 'text' | 'number' = 'text') => ({
    id: 1 as never,
    code,
    discriminator: code,
    name,
    type,
    choices: [],
    description: '',
    system: false,
    hiddenAt: null,
  });
  expect(
    sourcesOf([
      attribute('a1', 'Work phone'),
      attribute('a2', 'Telefon 2'),
      attribute('a3', 'E-post'),
      attribute('a4', 'Private email address'),
      attribute('a5', 'City'),
      attribute('a6', 'Phone', 'number'),
      attribute('a7', 'Phone model'),
    ]),
  ).toEqual({ email: ['email', 'crmid', 'a3', 'a4'], name: ['birthdate'], phone: ['mobile', 'a1', 'a2'] });
});
