// Prepared statements when several copies of this module share a process's connections.
import { expect, it, vi } from 'vitest';
import { pool } from './pool';
import { rows, sql } from './sql';

it('two copies of the module prepare different statements on one connection without conflict', async () => {
  vi.resetModules();
  const copy = await import('./sql');
  const connection = await pool().connect();
  try {
    for (const round of [1, 2]) {
      expect(await rows(connection, sql`select ${round}::int as own`, { prepare: true })).toEqual([{ own: round }]);
      const theirs = copy.sql`select ${'a'}::text as theirs, ${round}::int as round`;
      expect(await copy.rows(connection, theirs, { prepare: true })).toEqual([{ theirs: 'a', round }]);
    }
  } finally {
    connection.release();
  }
});
