import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, withoutInvisible } from './canonical';

describe('canonical text', () => {
  it.each([
    ['A\u030Asa', 'Åsa'],
    ['Part\u00ADner', 'Partner'],
    ['\uFEFFAnn\u200B', 'Ann'],
    ['Gold\uFE0F', 'Gold'],
    ['Ann\u200D', 'Ann'],
    ['Ann\u200DBerg', 'AnnBerg'],
    ['\u3164VIP', 'VIP'],
    ['e\u200B\u0301', 'é'],
    ['line one\nline two', 'line one\nline two'],
  ])('%j becomes %j', (text, expected) => {
    expect(canonicalText(text)).toBe(expected);
  });

  it.each([
    '👩‍💻 Developers',
    '👨‍👩‍👧 Family',
    '👩🏽‍💻',
    '❤️',
    '❤️‍🔥 hot',
    '1️⃣ first',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿 England',
    '🏳️‍🌈',
    'می‌خواهم',
    'क्‍ष',
    'لا تتصل',
  ])('keeps %j unchanged', (text) => {
    expect(canonicalText(text)).toBe(text.normalize('NFC'));
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(canonicalText(canonicalText(text))).toBe(canonicalText(text));
        expect(withoutInvisible(withoutInvisible(text))).toBe(withoutInvisible(text));
      }),
    );
  });
});
