// Each test file has its own database, made from the migrated template before its tests and dropped after them.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { closePool } from '@/lib/db/pool';
import { collectInto } from './statements/collect';

const name = `test_${randomUUID().replaceAll('-', '')}`;

async function administer(statement: string): Promise<void> {
  for (const node of inject('nodes')) {
    const admin = new pg.Client({ connectionString: `${node}postgres` });
    await admin.connect();
    try {
      await admin.query(`select pg_advisory_lock(hashtext('tagwell: test databases'))`);
      await admin.query(statement);
    } finally {
      await admin.end();
    }
  }
}

// Servers that tests start note their statements too.
process.env.TAGWELL_TEST_STATEMENTS = inject('statements');
collectInto(inject('statements'));
process.env.NEXTAUTH_SECRET ??= 'a secret of the tests only, 32 or more';

beforeAll(async () => {
  await administer(`create database ${name} template ${inject('template')}`);
  process.env.DATABASE_URL = `${inject('serverUrl')}${name}`;
});

afterAll(async () => {
  await closePool();
  await administer(`drop database ${name} with (force)`);
});
