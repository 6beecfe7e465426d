// A preview is what would be sent: by the same compiler and renderer, in the section's look, for one person or nobody.
import { expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createAttribute } from '@/lib/attributes/commands';
import type { ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestTag } from '@/testing/fixtures';
import { tagProfiles } from '@/testing/segments';
import { saveBrand } from './brand';
import { previewMail } from './preview';

it('shows the values and the blocks of a person, or the fallbacks', async () => {
  const account = await createTestAccount();
  const { sectionId } = account;
  const attribute = valueOf(await createAttribute(account.admin, { sectionId, name: 'Nickname', type: 'text' }));
  const vip = await createTestTag(sectionId, 'VIP');
  const [profileId] = await createTestProfiles(sectionId, 1);
  await execute(
    pool(),
    sql`
      update profile set attributes = ${JSON.stringify({ [attribute.code]: 'Åsa <b>' })}::jsonb
      where section_id = ${sectionId} and id = ${profileId}`,
  );
  await tagProfiles(sectionId, [profileId!], { apply: [vip] });
  valueOf(
    await saveBrand(account.admin, { sectionId, brand: { accent: '#7c2d12', language: 'sv', sentBy: 'Fjällkök' } }),
  );

  const variable = { type: 'variable' as const, attributeId: attribute.id, fallback: 'friend' };
  const document = {
    subject: [{ type: 'text' as const, text: 'Hej ' }, variable],
    blocks: [
      { id: 'a', kind: 'heading', line: [{ type: 'text', text: 'Hej ' }, variable] },
      {
        id: 'b',
        kind: 'button',
        label: [{ type: 'text', text: 'Köp' }],
        link: 'https://a.example/',
        onlyFor: { tagId: vip, has: true },
      },
    ],
  };
  const seen = async (id: ProfileId | null) =>
    valueOf(await previewMail(account.marketer, { sectionId, document: document as never, profileId: id }));
  const person = await seen(profileId!);
  expect(person.subject).toBe('Hej Åsa <b>');
  expect(person.html).toContain('Hej Åsa &lt;b&gt;');
  expect(person.html).toContain('#7c2d12');
  expect(person.html).toContain('Avsluta prenumerationen');
  expect(person.text).toContain('Köp: https://a.example/');
  expect(person.bytes).toBe(Buffer.byteLength(person.html));
  const nobody = await seen(null);
  expect(nobody.subject).toBe('Hej friend');
  expect(nobody.text).not.toContain('Köp');
});
