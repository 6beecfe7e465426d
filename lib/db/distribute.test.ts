// Distributing a database over a Citus cluster, if the tests run on one (TAGWELL_TEST_DATABASE_URL); otherwise the
// refusal.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { isCluster } from '@/testing/cluster';
import { dropDatabase, makeDatabase } from '@/testing/server';
import { distribute } from './distribute';
import { SECTION_TABLES } from './distribution';
import { DatabaseError, migrate } from './migrate';
import { statementsOf } from './statements';

const name = `distribute_${randomUUID().replaceAll('-', '')}`;
const nodes = inject('nodes');
const url = `${nodes[0]}${name}`;
let client: pg.Client;

/** A table of sections as a later migration might create it. */
const NEW_TABLE = `
  create table toy (section_id int not null, id bigserial, tag_id int, primary key (section_id, id));
  select place_table('toy', 'section');
  alter table toy add constraint toy_tag foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action;
  insert into toy (section_id, tag_id) values (1, 1)`;

async function query<Row>(statement: string): Promise<Row[]> {
  const result = await client.query(statement);
  return result.rows as Row[];
}

async function makeToy(): Promise<void> {
  for (const statement of statementsOf(NEW_TABLE)) await query(statement);
}

beforeAll(async () => {
  await makeDatabase(nodes, name);
  await migrate(url);
  client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    insert into account (name) values ('Fjällkök');
    insert into section (account_id, name, slug, discriminator) values (1, 'Sweden', 'sweden', 'sections.sweden');
    insert into tag (section_id, discriminator, name, name_key) values (1, 'tags.vip', 'VIP', 'vip');
    insert into profile (section_id) select 1 from generate_series(1, 1000);
    insert into profile_tag (section_id, tag_id, profile_id) select section_id, 1, id from profile`);
});

afterAll(async () => {
  await client.end();
  await dropDatabase(nodes, name);
});

if (isCluster(nodes)) {
  describe('a database on a cluster', () => {
    it('is distributed with its rows and foreign keys, even if the first run was interrupted', async () => {
      const foreignKeys = () =>
        query(`
          select conrelid::regclass::text as table, conname, replace(pg_get_constraintdef(oid), ' DEFERRABLE INITIALLY DEFERRED', '') as definition
          from pg_constraint
          where contype = 'f' and connamespace = 'public'::regnamespace and not relation_is_a_known_shard(conrelid)
          order by 1, 2`);
      const keys = await foreignKeys();
      const interrupted = distribute(url, {
        report: (line) => {
          if (line === 'Distributing tag') throw new Error('the power went off');
        },
      });
      await expect(interrupted).rejects.toThrow('the power went off');
      await expect(migrate(url)).rejects.toThrow(/^This database is only partly distributed/);
      expect(await distribute(url)).toContain('tag');
      expect(await foreignKeys()).toEqual(keys);
      const placed = `
        select relname as name from pg_dist_partition join pg_class on pg_class.oid = logicalrelid
        where partmethod = 'h'`;
      expect(await query(`(${SECTION_TABLES}) except (${placed})`)).toEqual([]);
      expect(await query('select count(*)::int as tagged from profile_tag')).toEqual([{ tagged: 1000 }]);
      expect(await distribute(url)).toEqual([]);
      expect(await migrate(url)).toEqual([]);
    });

    it('gets tables of later migrations on the node of their section', async () => {
      await makeToy();
      const places = await query(`
        select count(distinct colocationid)::int as places from pg_dist_partition
        where logicalrelid in ('toy'::regclass, 'profile'::regclass)`);
      expect(places).toEqual([{ places: 1 }]);
      await expect(query('insert into toy (section_id, tag_id) values (1, 2)')).rejects.toThrow(/foreign key/);
    });

    it('is not distributed while Tagwell runs, or from a worker node', async () => {
      const running = new pg.Client({ connectionString: url, application_name: 'tagwell' });
      await running.connect();
      await expect(distribute(url)).rejects.toThrow(/^Tagwell is running on this database\. Stop/);
      await running.end();
      await expect(distribute(`${nodes[1]}${name}`)).rejects.toThrow(/^This is a worker of the cluster\./);
    });
  });
} else {
  describe('a database on one server', () => {
    it('is not distributed, and one line says what is missing', async () => {
      const attempt = distribute(url);
      await expect(attempt).rejects.toThrow(DatabaseError);
      await expect(attempt).rejects.toThrow(/^This database has no Citus\. On every node: /);
    });

    it('gets tables of later migrations as ordinary tables', async () => {
      await makeToy();
      expect(await query('select section_id from toy')).toEqual([{ section_id: 1 }]);
    });
  });
}
