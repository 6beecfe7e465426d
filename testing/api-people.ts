// People, segments, rights and imports for tests of the API over HTTP.
import type { ProfileId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import type { RuleNode } from '@/lib/segments/schema';
import { account, EMAIL, json, profilePath, section } from './api';
import { makeSegment } from './segments';

export const attributes = (key: string, keyspace = EMAIL) =>
  `${profilePath(key, keyspace)}/sections/${section}/attributes`;

export const ofSystem = (code: string) => `com.apsis1.attributes.${code}`;

export const newMobile = () => `4670${Math.floor(1_000_000 + Math.random() * 9_000_000)}`;

export const MOBILE = 'com.apsis1.keyspaces.mobile';

export async function deny(tagId: TagId, { read = true, write = true }, keyspaces = Object.values(account.keyspaces)) {
  await execute(
    pool(),
    sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
        select ${account.sectionId}::int, ${tagId}::int, unnest(${keyspaces}::int[]), ${!read}::boolean, ${!write}::boolean
        on conflict (section_id, tag_id, keyspace_id) do update set can_read = excluded.can_read, can_write = excluded.can_write`,
  );
}

export async function makePerson(
  more: Partial<Record<'email' | 'mobile' | 'crm_id', string>>,
  name?: string,
): Promise<ProfileId> {
  const keys = Object.entries(more).map(([kind, key]) => ({
    keyspaceId: account.keyspaces[kind as keyof typeof account.keyspaces],
    key,
  }));
  const made = await createProfile(account.admin, {
    sectionId: account.sectionId,
    keys,
    attributes: name ? { firstname: name, lastname: 'Lindqvist' } : {},
  });
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value.id;
}

export async function saveSegment(rule: RuleNode): Promise<{ discriminator: string }> {
  const id = await makeSegment(account.admin, account.sectionId, rule);
  return one(pool(), sql`select discriminator from segment where section_id = ${account.sectionId} and id = ${id}`);
}

export type Announced = { import_id: string; file_upload_url: string; file_upload_body: Record<string, string> };

export const announce = async (body: object) => {
  await execute(pool(), sql`delete from import_request where import_id is null`);
  return json<Announced>(`/v2/audience/sections/${section}/imports`, 201, {
    method: 'POST',
    body: { keyspace_mapping: { keyspace_discriminator: EMAIL, field_selector: 'Email' }, ...body },
  });
};

export function send(
  { file_upload_url: url, file_upload_body: fields }: Announced,
  content: string,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([content], { type: 'text/csv' }), 'people.csv');
  return fetch(url, { method: 'POST', body: form });
}
