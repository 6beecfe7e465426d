// A section's look: plain until somebody has chosen one, and only for Admins to change.
import { beforeEach, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { BrandSchema } from '@/lib/mail-document/schema';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { readBrand, saveBrand } from './brand';

let account: TestAccount;
beforeEach(async () => {
  account = await createTestAccount();
});

const look = {
  accent: '#7c2d12',
  language: 'sv',
  logo: { source: 'https://example.com/logo.png', alt: 'Fjällkök', width: 160 },
  sentBy: 'Fjällkök AB\nStorgatan 1, 831 30 Östersund',
};

it('is plain until somebody has chosen one, and stays within the section', async () => {
  const { sectionId } = account;
  expect(valueOf(await readBrand(account.marketer, { sectionId }))).toEqual(BrandSchema.parse({}));
  valueOf(await saveBrand(account.admin, { sectionId, brand: look }));
  valueOf(await saveBrand(account.admin, { sectionId, brand: { ...look, accent: '#14532d' } }));
  expect(valueOf(await readBrand(account.marketer, { sectionId }))).toEqual(
    BrandSchema.parse({ ...look, accent: '#14532d' }),
  );
  const other = await createTestSection(account.accountId, 'Other');
  expect(valueOf(await readBrand(account.admin, { sectionId: other }))).toEqual(BrandSchema.parse({}));
});

it('is not for marketers to change', async () => {
  const answer = await saveBrand(account.marketer, { sectionId: account.sectionId, brand: look });
  expect(answer).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
});

it.each([
  ['a colour that is CSS', { accent: '#fff;background:url(https://x)' }],
  ['a logo without a name', { logo: { ...look.logo, alt: '' } }],
  ['a logo that is a script', { logo: { ...look.logo, source: 'javascript:alert(1)' } }],
  ['a language that is none', { language: 'en"><script>' }],
])('refuses %s', async (_what, part) => {
  const answer = await saveBrand(account.admin, { sectionId: account.sectionId, brand: { ...look, ...part } });
  expect(answer).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
});
