// A small import from upload to end, for tests of imports under special conditions.
import { saveMapping, startDryRun, startImport } from '@/lib/imports/commands';
import type { DryRunResult } from '@/lib/imports/schema';
import { uploadFile } from '@/lib/imports/stage';
import type { ImportId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { runToEnd, type TestAccount } from './fixtures';

/** `started`: called between the start of the import and its first step. */
type Options = { apply?: TagId[]; tags?: boolean; startsFlows?: boolean; started?: () => Promise<unknown> };

/**
 * Imports a file with the column `Email` and, if there is a second column, first names (`tags`: tag names). Returns the
 * counts.
 */
export async function importFile(
  account: TestAccount,
  content: string,
  { started: afterStart, ...options }: Options = {},
): Promise<Record<string, number>> {
  const { admin, sectionId } = account;
  const importId = await readyImport(account, content, options);
  const started = await startImport(admin, { sectionId, importId });
  if (!started.ok) throw new Error(started.refusal.message);
  await afterStart?.();
  return runToEnd(sectionId, started.value.operationId);
}

/** Tries such an import. Returns what it would do. */
export async function dryRunFile(account: TestAccount, content: string, options: Options = {}): Promise<DryRunResult> {
  const { admin, sectionId } = account;
  const importId = await readyImport(account, content, options);
  const started = await startDryRun(admin, { sectionId, importId });
  if (!started.ok) throw new Error(started.refusal.message);
  await runToEnd(sectionId, started.value.operationId);
  const { result } = await one<{ result: DryRunResult }>(
    pool(),
    sql`select result from operation where section_id = ${sectionId} and id = ${started.value.operationId}`,
  );
  return result;
}

async function readyImport(
  account: TestAccount,
  content: string,
  { apply = [], tags = false, startsFlows }: Options,
): Promise<ImportId> {
  const { admin, sectionId } = account;
  const file = { sectionId, fileName: 'people.csv', maxBytes: 1_000_000 };
  const uploaded = await uploadFile(admin, file, bytesOf(content));
  if (!uploaded.ok) throw new Error(uploaded.refusal.message);
  const importId = uploaded.value.id;
  const email = account.keyspaces.email;
  const second = tags ? { to: 'tags', action: 'apply' } : { to: 'attribute', code: 'firstname' };
  const names = content.startsWith('Email,') ? [second] : [];
  const mapping = { match: email, columns: [{ to: 'key', keyspaceId: email }, ...names], apply, startsFlows };
  const saved = await saveMapping(admin, { sectionId, importId, mapping });
  if (!saved.ok) throw new Error(saved.refusal.message);
  return importId;
}

async function* bytesOf(content: string) {
  yield Buffer.from(content);
}
