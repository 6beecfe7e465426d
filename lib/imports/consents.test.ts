// Consents that an import sets for all of its rows: counted by a dry run, never loosening unless asked to, undone with it.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { undoOperation } from '@/lib/activity/commands';
import { changeConsents } from '@/lib/consents/change';
import type { ConsentType } from '@/lib/consents/schema';
import { createTopic } from '@/lib/consents/topics';
import type { ProfileId, SectionId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { profileTimeline } from '@/lib/people/timeline';
import { createTestAccount, createTestSection, runToEnd, type TestAccount } from '@/testing/fixtures';
import { setTopicHidden } from '@/lib/used-in/topics';
import { saveMapping, startDryRun, startImport } from './commands';
import { guessMapping, reuseMapping } from './guess';
import { getImport } from './queries';
import { MappingSchema, NO_CONSENTS, type ImportedConsent, type Mapping } from './schema';
import { uploadFile } from './stage';

let account: TestAccount;
let sectionId: SectionId;
let topicId: TopicId;

beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Import');
  topicId = valueOf(await createTopic(account.admin, { sectionId, name: 'News' })).id;
});

async function* bytesOf(lines: readonly string[]) {
  yield Buffer.from(`Email\n${lines.join('\n')}\n`);
}

async function prepare(lines: readonly string[], consents: Partial<Mapping['consents']>) {
  const file = { sectionId, fileName: 'fair.csv', maxBytes: 1_000_000 };
  const { id: importId } = valueOf(await uploadFile(account.owner, file, bytesOf(lines)));
  const { email } = account.keyspaces;
  const mapping = { match: email, columns: [{ to: 'key', keyspaceId: email }], consents };
  valueOf(await saveMapping(account.owner, { sectionId, importId, mapping }));
  return importId;
}

async function run(lines: readonly string[], consents: Partial<Mapping['consents']> = {}) {
  const importId = await prepare(lines, consents);
  const { operationId } = valueOf(await startImport(account.owner, { sectionId, importId }));
  return { operationId, counts: await runToEnd(sectionId, operationId) };
}

const optIn = (channel: 'email' | 'sms' = 'email'): ImportedConsent => ({ topicId, channel, type: 'opt-in' });

async function consents(): Promise<Record<string, string>> {
  const found = await rows<{ key: string; type: string }>(
    pool(),
    sql`
      select split_part(profile_key.key, '@', 1) as key, type from consent
      join profile_key on profile_key.section_id = consent.section_id and profile_key.profile_id = consent.profile_id
      where consent.section_id = ${sectionId} and profile_key.section_id = ${sectionId} and channel = 'email'
      order by key`,
  );
  return Object.fromEntries(found.map(({ key, type }) => [key, type]));
}

async function idOf(name: string): Promise<ProfileId> {
  const [found] = await rows<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_key where section_id = ${sectionId} and key = ${`${name}@x.se`}`,
  );
  return found!.id;
}

const give = async (name: string, type: ConsentType) => {
  const profileId = await idOf(name);
  await transaction((tx) =>
    changeConsents(
      tx,
      { sectionId, source: 'person', userId: null },
      sql`select ${profileId}::bigint as profile_id, ${topicId}::int as topic_id, 'email' as channel,
          ${type}::text as type, '' as reason, 'form Newsletter' as source, '' as wording, '' as proof`,
    ),
  );
};

it('sets them for all rows with source and wording; those who left stay out; the dry run says so, and undo brings back', async () => {
  await run(['out@x.se', 'sure@x.se']);
  await give('out', 'opt-out');
  await give('sure', 'confirmed-opt-in');
  // A file that says nothing of consents leaves them alone.
  expect((await run(['out@x.se', 'sure@x.se'])).counts).not.toMatchObject({ consents: 1 });
  expect(await consents()).toEqual({ out: 'opt-out', sure: 'confirmed-opt-in' });
  const set = { set: [optIn()], source: 'spring fair', wording: 'Yes, send me news' };
  const lines = ['new@x.se', 'out@x.se', 'sure@x.se', 'new@x.se', 'nobody'];
  const importId = await prepare(lines, set);
  const dry = valueOf(await startDryRun(account.owner, { sectionId, importId }));
  const foretold = await runToEnd(sectionId, dry.operationId);
  expect(await consents()).toEqual({ out: 'opt-out', sure: 'confirmed-opt-in' });
  const { operationId } = valueOf(await startImport(account.owner, { sectionId, importId }));
  const counts = await runToEnd(sectionId, operationId);
  expect(counts).toMatchObject({ created: 1, consents: 1, opted_out: 1 });
  expect(foretold).toMatchObject({ consents: 1, opted_out: 1 });
  expect(await consents()).toEqual({ new: 'opt-in', out: 'opt-out', sure: 'confirmed-opt-in' });
  const { items } = await profileTimeline(pool(), sectionId, await idOf('new'), { only: 'consents' });
  expect(items).toMatchObject([
    {
      about: 'News',
      what: 'by email: opted in',
      from: 'Import by Test owner · fair.csv',
      details: [
        { name: 'Given at', after: 'spring fair' },
        { name: 'Wording', after: 'Yes, send me news' },
      ],
    },
  ]);
  const { undoId } = valueOf(await undoOperation(account.owner, { sectionId, operationId }));
  expect(await runToEnd(sectionId, undoId)).toMatchObject({ consentsRestored: 1, profilesRemoved: 1 });
  expect(await consents()).toEqual({ out: 'opt-out', sure: 'confirmed-opt-in' });
});

it('lets people in again only where somebody ticked that, and takes anybody out', async () => {
  await run(['out@x.se', 'sure@x.se']);
  await give('out', 'opt-out');
  await give('sure', 'confirmed-opt-in');
  const again = await run(['out@x.se', 'sure@x.se'], { set: [optIn()], source: 'asked again', loosen: true });
  expect(again.counts).toMatchObject({ consents: 1, opted_out: 0 });
  expect(await consents()).toEqual({ out: 'opt-in', sure: 'confirmed-opt-in' });
  const { operationId } = await run(['out@x.se', 'sure@x.se'], { set: [{ ...optIn(), type: 'opt-out' }] });
  expect(await consents()).toEqual({ out: 'opt-out', sure: 'opt-out' });
  const { undoId } = valueOf(await undoOperation(account.owner, { sectionId, operationId }));
  await runToEnd(sectionId, undoId);
  expect(await consents()).toEqual({ out: 'opt-in', sure: 'confirmed-opt-in' });
});

it('refuses an opt-in without a source, one that is set twice, and a hidden topic', async () => {
  const start = async (given: Partial<Mapping['consents']>) => {
    const importId = await prepare(['a@x.se'], given);
    return startImport(account.owner, { sectionId, importId });
  };
  expect(await start({ set: [optIn()] })).toMatchObject({ refusal: { field: 'consents.source' } });
  expect(await start({ set: [optIn(), optIn()], source: 'fair' })).toMatchObject({
    refusal: { field: 'consents:1' },
  });
  valueOf(await setTopicHidden(account.admin, { sectionId, topicId, hidden: true }));
  expect(await start({ set: [optIn('sms')], source: 'fair' })).toMatchObject({ refusal: { code: 'hidden' } });
});

it('is not copied to the next file', async () => {
  const importId = await prepare(['a@x.se'], { set: [optIn()], source: 'fair', wording: 'Yes' });
  const { mapping } = (await getImport(pool(), sectionId, importId))!;
  expect(mapping.consents.set).toHaveLength(1);
  const columns = [{ name: 'Email', filled: 1, samples: ['b@x.se'] }];
  const known = { keyspaces: [], attributes: [], evidence: null };
  expect(reuseMapping(mapping, columns, guessMapping(columns, [], []), known).mapping.consents).toEqual(NO_CONSENTS);
  // Mappings from before there were consents.
  expect(MappingSchema.parse({ columns: [] }).consents).toEqual(NO_CONSENTS);
});
