// Text that cannot be stored is refused in the same way by everything that takes text.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '@/lib/access/refusal';
import { UNSTORABLE } from '@/lib/access/refusal';
import { inviteUser } from '@/lib/accounts/invitations';
import { createApiKey } from '@/lib/accounts/api-keys';
import { createAttribute } from '@/lib/attributes/commands';
import { createProfile } from '@/lib/profiles/commands';
import { readProfiles } from '@/lib/profiles/reads';
import { createSegment } from '@/lib/segments/commands';
import { createTag } from '@/lib/tags/commands';
import { updateTag } from '@/lib/tags/update';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { hasTag, rulesOf } from '@/testing/segments';
import { isStorable, pathToUnstorable } from './storable';

const HALF = 'a\ud800b';
const OTHER_HALF = 'a\udc00b';
const NUL = 'a\0b';

describe('text that cannot be stored', () => {
  it('is found by its path, in values and in names of fields', () => {
    for (const text of [HALF, OTHER_HALF, NUL]) {
      expect(isStorable(text)).toBe(false);
      expect(pathToUnstorable(text)).toEqual([]);
      expect(pathToUnstorable({ list: ['a', { note: text }] })).toEqual(['list', '1', 'note']);
      expect(pathToUnstorable({ data: { [text]: 1 } })).toEqual(['data']);
    }
    let deep: unknown = [NUL];
    for (let level = 0; level < 50_000; level++) deep = [deep];
    expect(pathToUnstorable(deep)).toHaveLength(50_001);
    const stored = { list: ['😀', null, 1], at: new Date(), file: Buffer.from('\0'), none: undefined };
    expect(pathToUnstorable(stored)).toBeUndefined();
  });

  let account: TestAccount;
  let calls: [name: string, field: string, call: (text: string) => Promise<Result<unknown>>][];
  beforeAll(async () => {
    account = await createTestAccount();
    const { admin, sectionId, keyspaces } = account;
    const tagId = await createTestTag(sectionId, 'VIP');
    const rules = rulesOf(hasTag(tagId));
    const keys = [{ keyspaceId: keyspaces.crm_id, key: 'C1' }];
    calls = [
      ['key', 'keys.0.key', (key) => createProfile(admin, { sectionId, keys: [{ ...keys[0]!, key }], attributes: {} })],
      [
        'value',
        'attributes.firstname',
        (firstname) => createProfile(admin, { sectionId, keys, attributes: { firstname } }),
      ],
      ['code', 'attributes', (code) => createProfile(admin, { sectionId, keys, attributes: { [code]: 'A' } })],
      ['tag name', 'name', (name) => createTag(admin, { sectionId, name })],
      [
        'tag description',
        'description',
        (description) => updateTag(admin, { sectionId, tagId, name: 'VIP', description, ownerNote: '' }),
      ],
      ['attribute name', 'name', (name) => createAttribute(admin, { sectionId, name, type: 'text', choices: [] })],
      ['segment name', 'name', (name) => createSegment(admin, { sectionId, name, description: '', rules })],
      [
        'segment description',
        'description',
        (description) => createSegment(admin, { sectionId, name: 'S', description, rules }),
      ],
      ['email', 'email', (email) => inviteUser(admin, { email, role: 'user', sections: 'all' })],
      [
        'API key name',
        'name',
        (name) => createApiKey(admin, { name, sections: 'all', keyspaces: 'all', canWrite: true, expiresAt: null }),
      ],
      [
        'search',
        'filter.search',
        (search) =>
          readProfiles(admin, {
            sectionId,
            filter: { search, has: [], hasNot: [], conditions: [], changedBy: null },
          }),
      ],
    ];
  });

  it.each([
    ['half of a character', HALF],
    ['the other half', OTHER_HALF],
    ['NUL', NUL],
  ])('%s is refused at its field by commands and queries', async (_what, text) => {
    for (const [name, field, call] of calls) {
      const answer = { ok: false, refusal: { code: 'invalid', field, message: UNSTORABLE } };
      expect([name, await call(text)]).toEqual([name, answer]);
    }
  });
});
