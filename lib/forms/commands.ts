// Making forms: drafts, what is published of them, and whether they take submissions.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { refuse } from '@/lib/access/refusal';
import { requireSeen, type LastChange } from '@/lib/access/seen';
import { listAttributes } from '@/lib/attributes/queries';
import type { FormId, SectionId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { ensureBuiltInEvents } from '@/lib/events/built-in';
import { freeCopyName, requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { sendersOn } from '@/lib/sending/queries';
import { newCode } from './address';
import { lostInForms, requireKnown } from './attention';
import { problemsOf } from './problems';
import { referencesOf } from './references';
import { FormDocumentSchema, InForm, type FormDocument } from './schema';
import { writeFormUses } from './uses';
import { confirmationRule } from './rule';
import { takeUpWaiting } from './waiting';

const FORMS_MAX = 5_000;

const ofForm = (id: FormId) => `form:${id}`;
const GONE = 'This form does not exist in this section: it may have been deleted.';

/** Makes a draft: `{ id, changedAt }`. */
export const createForm = command({
  name: 'forms.create',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ name: NameSchema, document: FormDocumentSchema }),
  run: async ({ tx, prisma, actor }, { sectionId, name, document }) => {
    await requireFreeName({ thing: 'a form', name }, formNamed(prisma, sectionId));
    await requireKnown(tx, sectionId, document);
    return insert(tx, prisma, actor, { sectionId, name, document });
  },
  audit: ({ name }, { id }) => ({ summary: `Created the form “${name}”`, subject: ofForm(id) }),
});

async function insert(
  tx: Tx,
  prisma: Models,
  actor: Actor,
  { sectionId, name, document }: { sectionId: SectionId; name: string; document: FormDocument },
): Promise<{ id: FormId; changedAt: string }> {
  const count = await prisma.form.count({ where: { sectionId, deletedAt: null } });
  if (count >= FORMS_MAX) {
    refuse(
      'invalid',
      `A section has at most ${FORMS_MAX.toLocaleString('en-GB')} forms. Delete some that are no longer used.`,
    );
  }
  const now = new Date();
  const who = actorUserId(actor);
  const made = await prisma.form.create({
    data: {
      ...{ sectionId, code: newCode(), name, nameKey: nameKey(name), document },
      ...{ createdBy: who, createdAt: now, changedBy: who, changedAt: now },
    },
    select: { id: true, changedAt: true },
  });
  await writeFormUses(tx, sectionId, made.id, [document]);
  return { id: made.id, changedAt: made.changedAt.toISOString() };
}

/**
 * Saves a draft whole: `{ changedAt }`. What people get stays as it is until it is published. `seen`: the last change that the person has seen;
 * refused with `conflict` if somebody has changed the form since.
 */
export const saveForm = command({
  name: 'forms.save',
  scope: 'section',
  allow: 'everyone',
  input: InForm.extend({ seen: z.iso.datetime(), name: NameSchema, document: FormDocumentSchema }),
  run: async ({ tx, prisma, actor }, { sectionId, formId, seen, name, document }) => {
    const before = await lockForm(tx, sectionId, formId);
    requireSeen(actor, 'form', before, seen);
    await requireFreeName({ thing: 'a form', name, except: formId }, formNamed(prisma, sectionId));
    await requireKnown(tx, sectionId, document);
    const changedAt = new Date(Math.max(Date.now(), before.changedAt.getTime() + 1));
    await prisma.form.update({
      where: { sectionId_id: { sectionId, id: formId } },
      data: { name, nameKey: nameKey(name), document, changedAt, changedBy: actorUserId(actor) },
      select: { id: true },
    });
    await writeFormUses(tx, sectionId, formId, [document, ...(await published(tx, sectionId, formId))]);
    return { before: before.name, changedAt: changedAt.toISOString() };
  },
  // A draft is saved while somebody works: only its name is worth a line.
  audit: ({ formId, name }, { before }) =>
    before === name ? null : { summary: `Renamed the form “${before}” to “${name}”`, subject: ofForm(formId) },
});

/**
 * Makes the draft what people get, as a version that stays as it is: `{ version, takenUp }`. Opens the form. Submissions that waited because something was
 * hidden are applied by it (`takenUp`: how many).
 */
export const publishForm = command({
  name: 'forms.publish',
  scope: 'section',
  allow: 'everyone',
  input: InForm.extend({ seen: z.iso.datetime() }),
  run: async ({ tx, prisma, actor }, { sectionId, formId, seen }) => {
    const form = await lockForm(tx, sectionId, formId);
    requireSeen(actor, 'form', form, seen, 'Reload the page and look again.');
    const document = FormDocumentSchema.parse(form.document);
    const attributes = await listAttributes(tx, sectionId);
    const senders = await sendersOn(tx, sectionId, 'email');
    const rule = await confirmationRule(tx, sectionId);
    const problem = problemsOf(document, { attributes, senders, rule }).find(({ must }) => must);
    if (problem) refuse('invalid', problem.words, { field: problem.elementId ?? 'document' });
    const [lost = []] = await lostInForms(tx, sectionId, [document]);
    if (lost.length > 0) refuse('hidden', lost.join(' '), { field: 'document' });
    const version = (form.version ?? 0) + 1;
    const now = new Date();
    await prisma.formVersion.create({
      data: { sectionId, formId, version, document, createdBy: actorUserId(actor), createdAt: now },
      select: { version: true },
    });
    await prisma.form.update({
      where: { sectionId_id: { sectionId, id: formId } },
      data: { version, open: true, publishedAt: now },
      select: { id: true },
    });
    await ensureBuiltInEvents(tx, sectionId, 'form');
    await writeFormUses(tx, sectionId, formId, [document]);
    const takenUp = await takeUpWaiting(tx, sectionId, formId, now);
    return { version, name: form.name, takenUp };
  },
  audit: ({ formId }, { version, name }) => ({
    summary: version === 1 ? `Published the form “${name}”` : `Published the form “${name}” in its version ${version}`,
    subject: ofForm(formId),
  }),
});

/** Lets a published form take submissions, or closes it: then people see that it is closed. */
export const setFormOpen = command({
  name: 'forms.set-open',
  scope: 'section',
  allow: 'everyone',
  input: InForm.extend({ open: z.boolean() }),
  run: async ({ tx, prisma }, { sectionId, formId, open }) => {
    const { name, version, open: before } = await lockForm(tx, sectionId, formId);
    if (version === null) refuse('conflict', 'Publish the form first.');
    if (before !== open) {
      await prisma.form.update({
        where: { sectionId_id: { sectionId, id: formId } },
        data: { open },
        select: { id: true },
      });
    }
    return { name, changed: before !== open };
  },
  audit: ({ formId, open }, { name, changed }) =>
    changed ? { summary: `${open ? 'Opened' : 'Closed'} the form “${name}”`, subject: ofForm(formId) } : null,
});

/** Copies a form as a new draft with an address of its own: `{ id, name }`. */
export const copyForm = command({
  name: 'forms.copy',
  scope: 'section',
  allow: 'everyone',
  input: InForm,
  run: async ({ tx, prisma, actor }, { sectionId, formId }) => {
    const source = await lockForm(tx, sectionId, formId);
    const name = await freeCopyName('form', source.name, (keys) =>
      prisma.form.findMany({ where: { sectionId, deletedAt: null, nameKey: { in: keys } }, select: { nameKey: true } }),
    );
    const document = FormDocumentSchema.parse(source.document);
    const { id } = await insert(tx, prisma, actor, { sectionId, name, document });
    return { id, name, from: source.name };
  },
  audit: (_input, { id, name, from }) => ({ summary: `Copied the form “${from}” to “${name}”`, subject: ofForm(id) }),
});

/** Deletes a form, or brings it back (`deleted: false`). Its submissions stay on the profiles; its page says that it is closed. */
export const deleteForm = command({
  name: 'forms.delete',
  scope: 'section',
  allow: 'everyone',
  input: InForm.extend({ deleted: z.boolean().default(true) }),
  run: async ({ tx, prisma }, { sectionId, formId, deleted }) => {
    const where = { sectionId_id: { sectionId, id: formId } };
    if (deleted) {
      const { name } = await lockForm(tx, sectionId, formId);
      const open = await maybeOne(
        tx,
        sql`
          select from form_submission
          where section_id = ${sectionId} and form_id = ${formId} and state = 'waiting'
          limit 1`,
      );
      if (open)
        refuse('conflict', 'Submissions of this form wait for it to be fixed. Fix it first, then nobody is lost.');
      await prisma.form.update({ where, data: { deletedAt: new Date() }, select: { id: true } });
      await writeFormUses(tx, sectionId, formId, []);
      return { name };
    }
    const gone = await maybeOne<{ name: string; document: unknown }>(
      tx,
      sql`
        select name, document from form
        where section_id = ${sectionId} and id = ${formId} and deleted_at is not null
        for update`,
    );
    if (!gone) return refuse('conflict', 'This form is there already.');
    await requireFreeName({ thing: 'a form', name: gone.name }, formNamed(prisma, sectionId));
    await prisma.form.update({ where, data: { deletedAt: null }, select: { id: true } });
    const documents = [FormDocumentSchema.parse(gone.document), ...(await published(tx, sectionId, formId))];
    await writeFormUses(tx, sectionId, formId, await withKnown(tx, sectionId, documents));
    return { name: gone.name };
  },
  audit: ({ formId, deleted }, { name }) => ({
    summary: `${deleted ? 'Deleted' : 'Brought back'} the form “${name}”`,
    subject: ofForm(formId),
  }),
});

/** Documents whose uses can be recorded. What has since been deleted is missing: the form needs attention for that. */
async function withKnown(tx: Tx, sectionId: SectionId, documents: readonly FormDocument[]): Promise<FormDocument[]> {
  const topics = await rows<{ id: number }>(
    tx,
    sql`
      select id from topic
      where section_id = ${sectionId} and id = any(${documents.flatMap((document) => referencesOf(document).topicIds)}::int[])`,
  );
  const known = new Set(topics.map(({ id }) => id));
  return documents.filter((document) => referencesOf(document).topicIds.every((id) => known.has(id)));
}

type LockedForm = LastChange & { name: string; document: unknown; version: number | null; open: boolean };

/** Locks a form for a change. Refuses with `not_found`. */
async function lockForm(tx: Tx, sectionId: SectionId, formId: FormId): Promise<LockedForm> {
  const found = await maybeOne<LockedForm>(
    tx,
    sql`
      select form.name, form.document, form.version, form.open, form.changed_at as "changedAt",
        form.changed_by as "changedById", app_user.name as "changedBy"
      from form left join app_user on app_user.id = form.changed_by
      where form.section_id = ${sectionId} and form.id = ${formId} and form.deleted_at is null
      for update of form`,
  );
  return found ?? refuse('not_found', GONE);
}

/** What people get; none before it is published. */
async function published(tx: Tx, sectionId: SectionId, formId: FormId): Promise<FormDocument[]> {
  const found = await maybeOne<{ document: unknown }>(
    tx,
    sql`
      select version.document from form
      join form_version version
        on version.section_id = ${sectionId} and version.form_id = form.id and version.version = form.version
      where form.section_id = ${sectionId} and form.id = ${formId}`,
  );
  return found ? [FormDocumentSchema.parse(found.document)] : [];
}

const formNamed = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.form.findFirst({
    where: { sectionId, nameKey: key, deletedAt: null },
    select: { id: true, name: true },
  }) as Promise<{ id: FormId; name: string } | null>;
