// External text is limited before NFC normalisation, which takes quadratic time for a run of combining marks and blocks the event
// loop: without the limit, each of these tests would time out.
import { describe, expect, it } from 'vitest';
import { isBlank } from '@/lib/attributes/blank';
import { parseAttributeValue } from '@/lib/attributes/values';
import { addEventsByKey } from '@/lib/events/commands';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import { RulesSchema } from '@/lib/segments/schema';
import { NameSchema } from '@/lib/naming/names';
import { createTestAccount } from '@/testing/fixtures';

/** Two marks that normalisation reorders. A request body may contain more. */
const MARKS = `a${'\u0315\u0300'.repeat(150_000)}`;

describe('hundreds of thousands of combining marks', () => {
  it('are refused as a name', () => {
    expect(NameSchema.safeParse(MARKS).error?.issues).toMatchObject([{ message: 'Use at most 100 characters.' }]);
  });

  it('are refused as a search for profiles', () => {
    expect(ProfileFilterSchema.safeParse({ search: MARKS }).success).toBe(false);
    const conditions = [{ code: 'city', operator: 'is', value: MARKS }];
    expect(ProfileFilterSchema.safeParse({ conditions }).success).toBe(false);
  });

  it('are refused as text in a segment', () => {
    const condition = { kind: 'attribute', attributeId: 1, compare: { test: 'is', text: MARKS } };
    const rules = { timeZone: 'UTC', root: { kind: 'group', match: 'all', items: [condition] } };
    const messages = RulesSchema.safeParse(rules).error?.issues.map(({ message }) => message);
    expect(messages).toEqual(['Use at most 500 characters.']);
  });

  it('are refused as a value of an event', async () => {
    const { admin, sectionId, keyspaces } = await createTestAccount();
    const events = [{ versionId: '1', at: new Date(), data: { note: MARKS } }];
    const input = { sectionId, keyspaceId: keyspaces.email, key: 'a@example.com', events };
    expect(await addEventsByKey(admin, input)).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
  });

  it('are refused as a choice, and are not blank', () => {
    const tier = { name: 'Tier', type: 'choice' as const, choices: ['Gold', 'Silver'] };
    expect(parseAttributeValue(tier, MARKS)).toMatchObject({ ok: false });
    expect(isBlank(MARKS)).toBe(false);
    expect(isBlank('\u200B\u00A0\u034F \n'.repeat(100_000))).toBe(true);
  });
});
