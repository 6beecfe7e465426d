// Forms for API clients. A submission of a client takes the way of one from the page: the same rules for answers, the same insert, worked off in the
// same sets, with the same confirmation. Only what speaks for spam is not asked, as the client is known.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { mayUseKeyspace } from '@/lib/access/policy';
import { refuse } from '@/lib/access/refusal';
import { FormIdSchema, inAddress, type AttributeId, type FormId, type SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { acceptIn } from '@/lib/forms/accept';
import { LINES_MAX } from '@/lib/forms/limits';
import { findVersion } from '@/lib/forms/queries';
import { elementsOf, FormDocumentSchema, type Answers, type FormDocument } from '@/lib/forms/schema';
import { wantedOf } from '@/lib/forms/wanted';
import { allowedTag, findTags } from '@/lib/profiles/allowed-operations';
import { KEY_ATTRIBUTES, type EnteredKind } from '@/lib/profiles/keys';
import { listKeyspaces } from '@/lib/profiles/queries';
import type { Keyspace } from '@/lib/profiles/schema';
import { clientOf } from './client';
import { readGiven } from './given-answers';

export const NO_FORM = 'There is no such form in this section.';

/** As many as a form can ask for: ten steps of a hundred elements. */
const ANSWERS_MAX = 1_000;

export const GivenAnswerSchema = z.union([
  z.string().max(LINES_MAX * 2, `An answer has at most ${LINES_MAX.toLocaleString('en-GB')} characters.`),
  z.number(),
  z.boolean(),
  z.array(z.string().max(200)).max(200, 'At most 200 values.'),
]);

/**
 * Submits a form: `{ submissionId, state }`. Refuses with `not_found`, with `conflict` if the form takes no submissions, and with `invalid`, whose `details`
 * have everything that is wrong as `errors`.
 */
export const submitByClient = command({
  name: 'clients.submit-form',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({
    formId: inAddress(FormIdSchema),
    version: z.int().positive().optional(),
    answers: z
      .record(z.string(), GivenAnswerSchema)
      .refine((answers) => Object.keys(answers).length <= ANSWERS_MAX, `Send at most ${ANSWERS_MAX} answers.`),
  }),
  run: async ({ tx, actor }, { sectionId, formId: named, version, answers: given }) => {
    const form = await openForClient(tx, sectionId, named, version);
    await requireKeyspaces(tx, clientOf(actor), sectionId, [form.document]);
    const read = readGiven(form.document, given);
    if (!read.ok) {
      const [{ detail, pointer }] = read.problems;
      return refuse('invalid', detail, { field: pointer, details: { errors: read.problems } });
    }
    const { answers } = read;
    await requireTags(tx, clientOf(actor), form, answers);
    const once = randomBytes(32);
    const sent = { form, answers, once, via: 'api' as const, referrer: '', score: 0, signs: [], now: new Date() };
    const taken = await acceptIn(tx, sent);
    return { submissionId: taken.submissionId, state: 'received' as const };
  },
  // The submission is the record.
  audit: () => null,
});

type FormOfClient = { sectionId: SectionId; formId: FormId; version: number; document: FormDocument };

/** A form that takes submissions. Read afresh for each call, so that a client learns at once that it was closed. */
async function openForClient(
  tx: Tx,
  sectionId: SectionId,
  formId: FormId | null,
  wanted: number | undefined,
): Promise<FormOfClient> {
  const found = await maybeOne<{ formId: FormId; version: number | null; isOpen: boolean; document: unknown }>(
    tx,
    sql`
      select form.id as "formId", form.version, form.open as "isOpen", version.document
      from form
      left join form_version version
        on version.section_id = ${sectionId} and version.form_id = form.id and version.version = form.version
      where form.section_id = ${sectionId} and form.id = ${formId} and form.deleted_at is null`,
  );
  if (!found) return refuse('not_found', NO_FORM);
  const { version, isOpen } = found;
  if (version === null) return refuse('conflict', 'This form has not been published yet.');
  if (!isOpen) return refuse('conflict', 'This form is closed.');
  if (wanted === undefined || wanted === version)
    return { sectionId, formId: found.formId, version, document: FormDocumentSchema.parse(found.document) };
  const document = wanted < version ? await findVersion(tx, sectionId, found.formId, wanted) : undefined;
  if (!document) return refuse('invalid', `This form has no version ${wanted}.`, { field: 'version' });
  return { sectionId, formId: found.formId, version: wanted, document };
}

/** Refuses unless the client may use the keyspaces of all keys that the forms ask for. What may not be read as a key may not be read as an answer. */
export async function requireKeyspaces(
  db: Db,
  client: ClientActor,
  sectionId: SectionId,
  documents: readonly FormDocument[],
): Promise<void> {
  if (client.keyspaces === 'all') return;
  const [keyspaces, kinds] = [await listKeyspaces(db, client.accountId), await kindsOf(db, sectionId, documents)];
  const closed = keyspaces.find(({ id, kind }) => kinds.has(kind) && !mayUseKeyspace(client, id));
  if (!closed) return;
  refuse('not_allowed', `The form asks for keys of the keyspace ${closed.name}, which this API key may not use.`);
}

/** The kinds of keys that forms ask for, by questions of their type or for their attribute. */
async function kindsOf(
  db: Db,
  sectionId: SectionId,
  documents: readonly FormDocument[],
): Promise<ReadonlySet<Keyspace['kind']>> {
  const kinds = new Set<Keyspace['kind']>();
  const ids = new Set<AttributeId>();
  for (const element of documents.flatMap(elementsOf)) {
    if (element.kind === 'input' && (element.type === 'email' || element.type === 'mobile')) kinds.add(element.type);
    if ((element.kind === 'input' || element.kind === 'hidden') && element.attributeId !== null)
      ids.add(element.attributeId);
  }
  const keyed = await rows<{ code: string }>(
    db,
    sql`
      select code from attribute
      where section_id = ${sectionId} and id = any(${[...ids]}::int[]) and system`,
  );
  for (const { code } of keyed) {
    const kind = (Object.keys(KEY_ATTRIBUTES) as EnteredKind[]).find((each) => KEY_ATTRIBUTES[each] === code);
    if (kind) kinds.add(kind);
  }
  return kinds;
}

/** Refuses if a tag that the submission changes may not be written through the keyspace of the form's key. Hidden tags wait, as those of the page do. */
async function requireTags(
  tx: Tx,
  client: ClientActor,
  { sectionId, document }: FormOfClient,
  answers: Answers,
): Promise<void> {
  const { apply, remove } = wantedOf(document, answers, new Map());
  const ids = [...apply, ...remove].map(String);
  if (ids.length === 0) return;
  const keyspace = (await listKeyspaces(tx, client.accountId)).find(({ kind }) => kind === document.match)!;
  const tags = await findTags(tx, { sectionId, keyspace }, ids);
  for (const id of tags.keys()) allowedTag(tags, { sectionId, keyspace }, id, 'write');
}
