import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseKey } from './keys';

describe('profile keys', () => {
  it.each([
    ['email', ' Anna.Berg@Example.COM ', 'anna.berg@example.com'],
    ['email', 'a+b@x.se', 'a+b@x.se'],
    ['mobile', '+46 (0)70-123 45 67', '46701234567'],
    ['mobile', '0046 70 123 45 67', '46701234567'],
    ['mobile', '46701234567', '46701234567'],
    ['crm_id', ' A/17 ', 'A/17'],
    ['email', '\u200Bann@x.se\uFEFF', 'ann@x.se'],
    ['email', 'an\u00ADn@x.se', 'ann@x.se'],
    ['email', 'a\u030Asa@x.se', 'åsa@x.se'],
    ['email', 'ÅSA@EXAMPLE.COM', 'åsa@example.com'],
    ['email', 'ａｎｎ＠ｘ．ｓｅ', 'ann@x.se'],
    ['email', 'ann@xn--bcher-kva.example', 'ann@bücher.example'],
    ['email', "'ann@x.se'", 'ann@x.se'],
    ['email', '<ann@x.se>', 'ann@x.se'],
    ['email', 'mailto:ann@x.se', 'ann@x.se'],
    ['email', "o'brien@x.se", "o'brien@x.se"],
    ['mobile', '46 70 123 00 12', '46701230012'],
    ['mobile', '46-701230013', '46701230013'],
    ['mobile', '00 46 70 123 00 12', '46701230012'],
    ['mobile', "'+46701230001", '46701230001'],
    ['mobile', '+46\u00A070\u202F123\u200A00 14', '46701230014'],
    ['mobile', '＋４６７０１２３００１４', '46701230014'],
    ['mobile', 'tel:+46-70-123-00-14', '46701230014'],
    ['crm_id', "'6500000000001", '6500000000001'],
    ['crm_id', 'A\u200B17\u00A0B', 'A17 B'],
    ['crm_id', 'A\u030A1', 'Å1'],
    ['crm_id', 'a1B', 'a1B'],
    ['mobile', '46701239101.0', '46701239101'],
    ['mobile', '46701239101,0', '46701239101'],
    ['mobile', '46701239101.00', '46701239101'],
    ['mobile', '+46701239101.0', '46701239101'],
    ['mobile', '+33.6.12.34.56.78', '33612345678'],
    ['mobile', '+1-202-555-0123', '12025550123'],
    ['mobile', '+46 70 123 00 1 4', '46701230014'],
    ['mobile', '="+46701230001"', '46701230001'],
    ['crm_id', '="00124"', '00124'],
    ['crm_id', '12E4', '12E4'],
    ['crm_id', 'A1.0', 'A1.0'],
    ['crm_id', '70001.5', '70001.5'],
  ] as const)('%s %j becomes %j', (kind, raw, key) => {
    expect(normaliseKey(kind, raw)).toEqual({ ok: true, key });
  });

  it('reads a national number with its country', () => {
    expect(normaliseKey('mobile', '070-123 45 67', 'SE')).toEqual({ ok: true, key: '46701234567' });
  });

  it.each([
    ['46701230021', 'SE', '46701230021'],
    ['0701230022', 'SE', '46701230022'],
    ['4791230023', 'SE', '4791230023'],
    ['2025550123', 'US', '12025550123'],
    ['20123456', 'DK', '4520123456'],
    ['393331234567', 'SE', '393331234567'],
    ['89161234567', 'RU', '79161234567'],
    ['+4791230023', 'SE', '4791230023'],
    ['004791230023', 'SE', '4791230023'],
  ] as const)('reads %s of somebody in %s as %s', (raw, country, key) => {
    expect(normaliseKey('mobile', raw, country)).toEqual({ ok: true, key });
  });

  it.each([
    ['447700900023', 'is not a number of the chosen country'],
    ['468123456', 'could be +46468123456 or +468123456'],
    ['07700900134', 'is not a number of the chosen country'],
  ])('refuses %s in Sweden: nothing tells which country it is of', (raw, why) => {
    expect(normaliseKey('mobile', raw, 'SE')).toEqual({
      ok: false,
      reason: `“${raw}” ${why}: write the number with + and its country code`,
    });
  });

  it.each([
    ['(646) 555-0143', undefined],
    ['(555) 123-4567', undefined],
    ['138 1234 5678', undefined],
    ['(11) 98765-4321', undefined],
    ['(646) 555-0143', 'unknown'],
    ['6465550143', 'unknown'],
    ['13812345678', 'unknown'],
    ['11987654321', 'unknown'],
    ['2135550143', 'unknown'],
    ['+480501234561', undefined],
  ] as const)('refuses %s of somebody in %s: it is no number with its country code', (raw, country) => {
    expect(normaliseKey('mobile', raw, country)).toEqual({
      ok: false,
      reason: `“${raw}” is not a mobile number with its country code, such as +46 70 123 45 67`,
    });
  });

  it.each([
    ['0501234561', 'PL'],
    ['0601234571', 'CZ'],
  ] as const)('refuses %s in %s, where no number begins with a nought', (raw, country) => {
    expect(normaliseKey('mobile', raw, country)).toMatchObject({ ok: false });
  });

  it.each([
    ['+55 21 99876-5432', '5521998765432'],
    ['+49 171 1234-572', '491711234572'],
  ])('reads %s: what follows the dash is a part of the number', (raw, key) => {
    expect(normaliseKey('mobile', raw)).toEqual({ ok: true, key });
  });

  it.each([
    ['13123456789', '+13123456789', '+8613123456789'],
    ['4792345678', '+4792345678', '+14792345678'],
  ])('refuses %s where the country is unknown: it can be %s or %s', (raw, first, second) => {
    expect(normaliseKey('mobile', raw, 'unknown')).toEqual({
      ok: false,
      reason: `“${raw}” could be ${first} or ${second}: write the number with + and its country code`,
    });
    expect(normaliseKey('mobile', raw)).toEqual({ ok: true, key: raw });
  });

  it.each(['46701234567', '46 70 123 00 12', '46-701230013', '393331234567', '4915112345678', '358401234567'])(
    'reads %s if the country is unknown: it cannot be a national number',
    (raw) => {
      expect(normaliseKey('mobile', raw, 'unknown')).toEqual({ ok: true, key: raw.replace(/\D/g, '') });
    },
  );

  it.each([
    ['mobile', '46701239507.5', 'what follows the last point, dash or slash is not part of one'],
    ['mobile', '46701239506-1', 'what follows the last point, dash or slash is not part of one'],
    ['mobile', '46701239506-12', 'what follows the last point, dash or slash is not part of one'],
    ['mobile', '46701239506 / 2', 'what follows the last point, dash or slash is not part of one'],
    ['mobile', '+46701239101 / +46701239102', 'has two numbers'],
    ['mobile', '+46701239101 +46701239102', 'has two numbers'],
    ['mobile', '0701239101/0701239102', 'has two numbers'],
    ['mobile', '4.6701239101E+10', 'digits a spreadsheet may have dropped'],
    ['mobile', '4,67E+10', 'digits a spreadsheet may have dropped'],
    ['crm_id', '1E+15', 'digits a spreadsheet may have dropped'],
    ['crm_id', '1.0E+05', 'digits a spreadsheet may have dropped'],
    ['crm_id', '1.0e5', 'digits a spreadsheet may have dropped'],
    ['crm_id', '70001.0', 'as spreadsheets write 70001'],
  ] as const)('%s %j is refused with what is wrong with it', (kind, raw, words) => {
    const result = normaliseKey(kind, raw);
    expect(result.ok ? result.key : result.reason).toContain(words);
  });

  it.each(['#N/A', '#REF!', '#SAKNAS!', 'NULL', '\\N', 'n/a', '-'])('%s is not a key', (raw) => {
    for (const kind of ['email', 'mobile', 'crm_id'] as const)
      expect(normaliseKey(kind, raw)).toMatchObject({ ok: false, empty: true });
  });

  it.each([
    ['email', ''],
    ['email', 'anna'],
    ['email', 'anna@'],
    ['email', 'a b@x.se'],
    ['email', 'a@x.se\nBcc: b@y.se'],
    ['email', 'a..b@x.se'],
    ['email', 'a.@x.se'],
    ['email', 'a@x.se/'],
    ['email', 'a@x.se!'],
    ['email', 'a@x.se\uFFFD'],
    ['email', 'a@.x.se'],
    ['email', 'a@-x.se'],
    ['email', 'a@x-.se'],
    ['email', 'a@x.se?subject=hi'],
    ['email', 'a@x.se; b@x.se'],
    ['email', 'a@x.se ::: b@x.se'],
    ['email', 'a@b@x.se'],
    ['email', 'a@192.168.1.1'],
    ['email', 'a@localhost'],
    ['email', `${'a'.repeat(65)}@x.se`],
    ['email', '@.'.repeat(100_000)],
    ['mobile', '12'],
    ['mobile', '+4670123001O'],
    ['mobile', '+467O12300154'],
    ['mobile', '+46 70 123 00 14 ext. 5'],
    ['mobile', '0701230022'],
    ['crm_id', 'A\uFFFD1'],
    ['crm_id', '1.23456789012345E+18'],
    ['crm_id', '1,23457E+18'],
    ['mobile', 'call me'],
    ['crm_id', 'x'.repeat(321)],
  ] as const)('%s %j is refused', (kind, raw) => {
    expect(normaliseKey(kind, raw)).toMatchObject({ ok: false });
  });

  it('is the same for text in its single spelling already, which is not looked at closely, as for any other text', () => {
    const parts = ['a', 'e', 'E', 'xn', '-', '--', '.', ',', '_', '+', '@', '1', '0', 'null', '/', '#', ' ', "'"];
    fc.assert(
      fc.property(
        fc.constantFrom('email', 'crm_id' as const),
        fc.oneof(
          fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((chosen) => chosen.join('')),
          fc.stringMatching(/^[a-z0-9.+_-]{1,80}@[a-z0-9-]{1,70}(\.[a-z0-9-]{1,10}){1,3}$/),
          fc.emailAddress(),
          fc.uuid(),
          fc.stringMatching(/^\d{1,70}$/),
          fc.string(),
        ),
        // Blanks around a key change nothing, but are not in its single spelling.
        (kind, raw) => {
          expect(normaliseKey(kind, raw)).toEqual(normaliseKey(kind, ` ${raw}`));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('normalises to the same key however often this is repeated', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('email', 'mobile', 'crm_id' as const),
        fc.oneof(
          fc.emailAddress(),
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.stringMatching(/^['+0-9 .-]{5,20}$/),
        ),
        (kind, raw) => {
          const once = normaliseKey(kind, raw);
          if (once.ok) expect(normaliseKey(kind as 'email', once.key)).toEqual(once);
        },
      ),
    );
  });
});
