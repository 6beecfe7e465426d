// What the schema has to keep so that the tables of sections can be distributed (Citus): read from a migrated database.
import { expect, it } from 'vitest';
import { pool } from './pool';
import { rows, sql } from './sql';

const namesOf = async (statement: ReturnType<typeof sql>) =>
  (await rows<{ name: string }>(pool(), statement)).map(({ name }) => name).sort();

/** Triggers that read the rows of a whole statement: still to be replaced. This list only gets shorter. */
const WITH_TRANSITION_TABLES = ['profile_key_locked_insert', 'profile_key_locked_update'];

it('no trigger reads the changed rows as a table', async () => {
  const found = await namesOf(
    sql`select tgname as name from pg_trigger
        where tgoldtable is not null or tgnewtable is not null`,
  );
  expect(found.filter((name) => !WITH_TRANSITION_TABLES.includes(name))).toEqual([]);
});

/** Foreign keys that Prisma made with its default: still to be replaced. This list only gets shorter. */
const WITH_UPDATE_CASCADE = `
  api_key_account_id_fkey api_key_created_by_fkey api_key_keyspace_api_key_id_fkey api_key_keyspace_keyspace_id_fkey
  api_key_section_api_key_id_fkey api_key_section_section_id_fkey app_user_account_id_fkey attribute_section_id_fkey
  claim_holder_section_id_fkey consent_section_id_topic_id_fkey event_type_section_id_fkey
  event_version_section_id_event_type_id_fkey export_request_api_key_id_fkey export_request_section_id_fkey
  import_chunk_section_id_import_id_fkey import_reject_section_id_import_id_fkey import_repeat_section_id_import_id_fkey
  import_request_api_key_id_fkey import_row_section_id_import_id_fkey import_section_id_fkey invitation_account_id_fkey
  keyspace_account_id_fkey locked_key_keyspace_id_fkey locked_key_section_id_fkey operation_api_key_id_fkey
  operation_key_section_id_operation_id_fkey operation_section_id_fkey profile_change_section_id_profile_id_fkey
  profile_count_section_id_fkey profile_event_section_id_version_id_fkey profile_key_keyspace_id_fkey
  profile_key_section_id_profile_id_fkey profile_section_id_fkey profile_tag_section_id_tag_id_fkey
  section_account_id_fkey segment_section_id_fkey segment_size_section_id_segment_id_fkey
  tag_change_section_id_tag_id_fkey tag_claim_section_id_holder_id_fkey tag_claim_section_id_tag_id_fkey
  tag_count_section_id_tag_id_fkey tag_day_section_id_tag_id_fkey tag_permission_keyspace_id_fkey
  tag_permission_section_id_tag_id_fkey tag_section_id_fkey tag_use_api_key_id_fkey tag_use_keyspace_id_fkey
  tag_use_section_id_tag_id_fkey topic_section_id_fkey undo_exception_section_id_operation_id_fkey
  undo_exception_section_id_tag_id_fkey user_section_section_id_fkey user_section_user_id_fkey webhook_api_key_id_fkey
  webhook_attempt_section_id_message_id_fkey webhook_created_by_fkey webhook_message_section_id_webhook_id_fkey
  webhook_operation_section_id_operation_id_fkey webhook_operation_section_id_webhook_id_fkey webhook_section_id_fkey
`
  .trim()
  .split(/\s+/);

it('no foreign key changes rows when a key is updated: keys are never updated', async () => {
  const found = await namesOf(
    sql`select conname as name from pg_constraint
        where contype = 'f' and connamespace = 'public'::regnamespace and confupdtype not in ('a', 'r')`,
  );
  expect(found.filter((name) => !WITH_UPDATE_CASCADE.includes(name))).toEqual([]);
});
