// Forms over HTTP that were changed while somebody filled them in.
import { afterEach, beforeAll, expect, it } from 'vitest';
import { CLIENT_ADDRESS_HEADER } from '@/lib/access/origin';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { formPath } from '@/lib/forms/address';
import type { OpenForm } from '@/lib/forms/open';
import { pageToken } from '@/lib/forms/page-token';
import { createTestAccount } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { inOneMinute } from '@/testing/one-minute';
import { createApi } from './app';

const DAY_MS = 86_400_000;
let forms: TestForms;
const errors: unknown[] = [];
const app = createApi({ secret: 'test', callsPerSecond: 100, onError: (error) => errors.push(error) });

beforeAll(async () => {
  forms = await TestForms.open(await createTestAccount());
});

afterEach(() => expect(errors).toEqual([]));

async function post(form: OpenForm, fields: Record<string, string>) {
  const response = await app.request(formPath(form), {
    method: 'POST',
    headers: { 'user-agent': 'Mozilla/5.0', [CLIENT_ADDRESS_HEADER]: '10.9.8.7' },
    body: new URLSearchParams(fields),
  });
  return { status: response.status, text: await response.text() };
}

/** A form, and the version that has replaced it some days ago, which asks for a company too. */
async function replaced(daysAgo: number): Promise<{ before: OpenForm; now: OpenForm }> {
  const before = await forms.form();
  const document = forms.document();
  document.steps[0]!.elements[1] = { id: 'company', kind: 'input', type: 'text', label: 'Company', required: true };
  const now = await forms.change(before.formId, document);
  await execute(
    pool(),
    sql`
      update form_version set created_at = ${new Date(Date.now() - daysAgo * DAY_MS)}
      where section_id = ${before.sectionId} and form_id = ${before.formId} and version = ${now.version}`,
  );
  return { before, now };
}

const submissions = ({ sectionId, formId }: OpenForm) =>
  rows<{ version: number }>(
    pool(),
    sql`select version from form_submission where section_id = ${sectionId} and form_id = ${formId}`,
  );

it('a version can be sent for some days after it was replaced, and then no more, however fresh its mark', async () => {
  const [lately, long] = [await replaced(6), await replaced(8)];
  const fields = { email: 'anna@example.com', first: 'Anna' };
  const send = ({ before }: typeof lately, more: Record<string, string> = {}) =>
    post(before, { _t: pageToken(before, new Date(Date.now() - 60_000)), ...fields, ...more });
  expect((await send(lately)).status).toBe(303);
  expect(await submissions(lately.before)).toEqual([{ version: 1 }]);
  const refused = await send(long);
  expect(refused.status).toBe(422);
  expect(refused.text).toContain('Company');
  expect(refused.text).toContain('value="anna@example.com"');
  expect((await send(long, { company: 'Boots' })).status).toBe(303);
  expect(await submissions(long.before)).toEqual([{ version: 2 }]);
});

it('what is refused for now is shown again as it was filled in', async () => {
  const { before } = await replaced(0);
  const fields = { _t: pageToken(before, new Date()), email: 'not one', first: 'kept' };
  const { status, text } = await inOneMinute(async () => {
    for (let index = 0; index < 300; index++) await post(before, fields);
    return post(before, fields);
  });
  expect(status).toBe(429);
  expect(text).toContain('value="kept"');
  expect(text).not.toContain('Company');
});
