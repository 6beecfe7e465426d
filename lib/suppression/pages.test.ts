// Pages of a long list, whatever is asked for: the same as if all of it were read and looked through.
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { readSuppressions } from './reads';
import type { SuppressionEntry } from './schema';

let account: TestAccount;
let all: SuppressionEntry[];

beforeAll(async () => {
  account = await createTestAccount();
  const { sectionId } = account;
  // More of one kind than are looked through for a text; the oldest of it are found by their addresses.
  await execute(
    pool(),
    sql`
      insert into suppression (section_id, channel, address_key, reason, at, lifted_at)
      select ${sectionId}::int, case when n % 100 = 1 then 'sms' else 'email' end,
        case when n % 100 = 1 then '46701' || n when n < 60 then 'old' || n || '@example.com' else 'new' || n || '@example.com' end,
        case when n % 500 = 3 then 'complaint' when n % 700 = 5 then 'soft' when n % 250 = 1 then 'manual' else 'hard' end,
        ${new Date('2026-01-01')}::timestamptz + (n / 3) * interval '1 minute',
        case when n % 40 = 7 then ${new Date('2026-06-01')}::timestamptz end
      from generate_series(1, 2300) n`,
  );
  all = await rows<SuppressionEntry>(
    pool(),
    sql`
      select id, channel, address_key as address, reason, at, lifted_at as "liftedAt" from suppression
      where section_id = ${sectionId} order by at desc, id desc`,
  );
});

type Asked = { search: string; channel?: 'email' | 'sms'; reason?: SuppressionEntry['reason']; lifted: boolean };
const cases: Asked[] = ['', 'o', 'old1', 'new', '4670', 'nobody'].flatMap((search) =>
  [undefined, 'email' as const, 'sms' as const].flatMap((channel) =>
    [undefined, 'complaint' as const, 'soft' as const, 'hard' as const].flatMap((reason) =>
      [false, true].map((lifted) => ({ search, channel, reason, lifted })),
    ),
  ),
);

it('are in one order over all kinds, and leave nothing out', async () => {
  for (const asked of cases) {
    const wanted = all.filter(
      ({ address, channel, reason, liftedAt }) =>
        address.startsWith(asked.search) &&
        (asked.channel ?? channel) === channel &&
        (asked.reason ?? reason) === reason &&
        asked.lifted === (liftedAt !== null),
    );
    let last: SuppressionEntry | undefined;
    for (const page of [0, 1, 2]) {
      const before = last && { at: last.at, id: last.id };
      const found = valueOf(
        await readSuppressions(account.marketer, { sectionId: account.sectionId, ...asked, before, limit: 20 }),
      );
      const ids = wanted.slice(page * 20, page * 20 + 20).map(({ id }) => id);
      expect([asked, page, found.map(({ id }) => id)]).toEqual([asked, page, ids]);
      last = found.at(-1);
      if (!last) break;
    }
  }
});
