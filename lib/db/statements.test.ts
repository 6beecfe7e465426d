import { expect, it } from 'vitest';
import { statementsOf } from './statements';

it('a script is split where its statements end', () => {
  const statements = [
    `-- makes a; b\ncreate table a (b text default 'it''s; so')`,
    `insert into "a;b" values ($1, '--', 2 - 1)`,
    `create function f() returns void language plpgsql as $$ begin perform 1; execute $q$ select ';' $q$; end $$`,
    `select /* one; two */ 4 / 2`,
  ];
  expect(statementsOf(`${statements.join(';\n\n')};\n-- the end;\n`)).toEqual(statements);
  expect(statementsOf('-- nothing;')).toEqual([]);
});
