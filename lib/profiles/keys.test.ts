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
  ] as const)('%s %j becomes %j', (kind, raw, key) => {
    expect(normaliseKey(kind, raw)).toEqual({ ok: true, key });
  });

  it('reads a national number with its country', () => {
    expect(normaliseKey('mobile', '070-123 45 67', 'SE')).toEqual({ ok: true, key: '46701234567' });
  });

  it.each([
    ['email', ''],
    ['email', 'anna'],
    ['email', 'anna@'],
    ['email', 'a b@x.se'],
    ['email', 'a@x.se\nBcc: b@y.se'],
    ['email', 'a..b@x.se'],
    ['mobile', '12'],
    ['mobile', 'call me'],
    ['crm_id', 'x'.repeat(321)],
  ] as const)('%s %j is refused', (kind, raw) => {
    expect(normaliseKey(kind, raw)).toMatchObject({ ok: false });
  });

  it('is the same key however often it is normalised', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('email', 'mobile', 'crm_id' as const),
        fc.oneof(fc.emailAddress(), fc.string()),
        (kind, raw) => {
          const once = normaliseKey(kind, raw);
          if (once.ok) expect(normaliseKey(kind as 'email', once.key)).toEqual(once);
        },
      ),
    );
  });
});
