// Text from outside is limited before it is composed. To compose a long run of combining marks takes the square of its length, on
// the thread that answers everybody: without a limit before it, each of these takes longer than a test may.
import { describe, expect, it } from 'vitest';
import { isBlank } from '@/lib/attributes/blank';
import { parseAttributeValue } from '@/lib/attributes/values';
import { addEventsByKey } from '@/lib/events/commands';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import { RulesSchema } from '@/lib/segments/schema';
import { NameSchema } from '@/lib/naming/names';
import { createTestAccount } from '@/testing/fixtures';

/** Two marks that change places when they are composed. The body of a request may have more. */
const MARKS = `a${'\u0315\u0300'.repeat(150_000)}`;

describe('hundreds of thousands of combining marks', () => {
  it('are no name', () => {
    expect(NameSchema.safeParse(MARKS).error?.issues).toMatchObject([{ message: 'Use at most 100 characters.' }]);
  });

  it('are no search of profiles', () => {
    expect(ProfileFilterSchema.safeParse({ search: MARKS }).success).toBe(false);
    const conditions = [{ code: 'city', operator: 'is', value: MARKS }];
    expect(ProfileFilterSchema.safeParse({ conditions }).success).toBe(false);
  });

  it('are no text of a segment', () => {
    const condition = { kind: 'attribute', attributeId: 1, compare: { test: 'is', text: MARKS } };
    const rules = { timeZone: 'UTC', root: { kind: 'group', match: 'all', items: [condition] } };
    const messages = RulesSchema.safeParse(rules).error?.issues.map(({ message }) => message);
    expect(messages).toEqual(['Use at most 500 characters.']);
  });

  it('are no value of an event', async () => {
    const { admin, sectionId, keyspaces } = await createTestAccount();
    const events = [{ versionId: '1', at: new Date(), data: { note: MARKS } }];
    const input = { sectionId, keyspaceId: keyspaces.email, key: 'a@example.com', events };
    expect(await addEventsByKey(admin, input)).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
  });

  it('are no choice, and not blank', () => {
    const tier = { name: 'Tier', type: 'choice' as const, choices: ['Gold', 'Silver'] };
    expect(parseAttributeValue(tier, MARKS)).toMatchObject({ ok: false });
    expect(isBlank(MARKS)).toBe(false);
    expect(isBlank('\u200B\u00A0\u034F \n'.repeat(100_000))).toBe(true);
  });
});
