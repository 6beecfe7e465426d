// Pictures: what is kept, what is refused, and who may see them.
import { beforeEach, expect, it } from 'vitest';
import { createApi, isApiPath } from '@/api/app';
import { valueOf } from '@/lib/access/refusal';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { readPicture } from './picture-file';
import { addPicture } from './pictures';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const api = createApi({
  secret: 'pictures',
  callsPerSecond: 100,
  onError: (error) => {
    throw error;
  },
});

let account: TestAccount;
beforeEach(async () => {
  account = await createTestAccount();
});
const add = (bytes: Uint8Array, sectionId = account.sectionId) =>
  addPicture(account.marketer, { sectionId, name: 'Tält vid sjö.png', bytes });

it('is given to anybody with its address, to keep for good, as nothing but a picture', async () => {
  const { source, width, height } = valueOf(await add(PNG));
  expect({ width, height }).toEqual({ width: 1, height: 1 });
  expect(isApiPath(source)).toBe(true);
  const answer = await api.request(source);
  expect(Buffer.from(await answer.arrayBuffer()).equals(PNG)).toBe(true);
  expect(answer.headers.get('content-type')).toBe('image/png');
  expect(answer.headers.get('cache-control')).toContain('immutable');
  expect(answer.headers.get('content-security-policy')).toContain(`default-src 'none'`);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect((await api.request(source, { headers: { 'if-none-match': answer.headers.get('etag')! } })).status).toBe(304);
});

it('is kept once in a section, and is not found by the number of another', async () => {
  const { source } = valueOf(await add(PNG));
  expect(valueOf(await add(PNG)).source).toBe(source);
  const other = await createTestSection(account.accountId, 'Other');
  const id = source.split('/').at(-1);
  expect((await api.request(`/i/${other}/${id}`)).status).toBe(404);
  expect(
    (await api.request(`/i/${account.sectionId}/${id!.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))}`)).status,
  ).toBe(404);
  expect(await add(PNG, other)).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
});

it.each([
  ['SVG with a script', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
  ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
  ['a picture that has been cut', PNG.subarray(0, 20)],
  [
    'a picture of a billion pixels',
    Buffer.concat([PNG.subarray(0, 16), Buffer.from([0, 1, 0, 0, 0, 1, 0, 0]), PNG.subarray(24)]),
  ],
  ['nothing', Buffer.alloc(0)],
])('refuses %s', async (_what, bytes) => {
  expect(await add(bytes)).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
});

it('reads the sizes of GIF and JPEG', () => {
  expect(readPicture(GIF)).toEqual({ type: 'image/gif', width: 1, height: 1 });
  const jpeg = Buffer.from([
    ...[0xff, 0xd8, 0xff, 0xe0, 0x00, 0x04, 0x00, 0x00],
    ...[0xff, 0xc0, 0x00, 0x11, 0x08, 0x01, 0x2c, 0x02, 0x58, 0x03, 0x01, 0x22, 0x00],
  ]);
  expect(readPicture(jpeg)).toEqual({ type: 'image/jpeg', width: 600, height: 300 });
});
