// Where each table is placed when the database is distributed over a Citus cluster (`npm run db:distribute`). Tables
// whose primary key starts with section_id are placed with their section, on one of the workers. All others are listed
// here.

/** Copied to every node: statements about a section join them. */
export const REFERENCE_TABLES: readonly string[] = [
  'account',
  'app_user',
  'section',
  'user_section',
  'user_session',
  'second_factor',
  'recovery_code',
  'invitation',
  'keyspace',
  'api_key',
  'api_key_section',
  'api_key_keyspace',
];

/** On the coordinator only: no statement about a section reads them, and no foreign key leads to them. */
export const LOCAL_TABLES: readonly string[] = [
  'installation',
  'sign_in_attempt',
  'audit_entry',
  'command_receipt',
  'api_rate',
  'crm_turn',
  'ledger_horizon',
  'account_sender',
  'system_mail',
  '_prisma_migrations',
];

/** Selects `name`: the tables of sections. */
export const SECTION_TABLES = `
  select pg_class.relname as name
  from pg_index
  join pg_class on pg_class.oid = indrelid and relnamespace = 'public'::regnamespace and relkind = 'r'
  join pg_attribute on attrelid = indrelid and attnum = indkey[0] and attname = 'section_id'
  where indisprimary`;

/**
 * Foreign keys that are dropped while tables are distributed: stored in the database, so that an interrupted run loses
 * none.
 */
export const KEYS_TO_ADD = 'foreign_key_to_add';
