// Which forms of a section have to ask for a confirmation by email: a rule that Admins set.
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import type { FormId, SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { ConfirmationRuleSchema, needsConfirmation, type ConfirmationRule } from './confirmation-rule';
import { FormDocumentSchema } from './schema';

/** The section's rule. */
export async function confirmationRule(db: Db, sectionId: SectionId): Promise<ConfirmationRule> {
  const found = await maybeOne<{ confirmation: unknown }>(
    db,
    sql`select confirmation from form_rule where section_id = ${sectionId}`,
  );
  return ConfirmationRuleSchema.parse(found?.confirmation ?? 'form');
}

/** The section's rule, for the builder. */
export const readConfirmationRule = query({
  name: 'forms.read-confirmation-rule',
  scope: 'section',
  allow: 'everyone',
  input: InSection,
  run: ({ db }, { sectionId }) => confirmationRule(db, sectionId),
});

/** A form that takes submissions without a confirmation, which the rule asks for: it was published before. */
export type Unconfirmed = { id: FormId; name: string };

/** The rule, and the open forms that do not keep it, for the page on which it is changed. */
export const readFormRule = query({
  name: 'forms.read-rule',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: async ({ db }, { sectionId }): Promise<{ rule: ConfirmationRule; unconfirmed: Unconfirmed[] }> => {
    const rule = await confirmationRule(db, sectionId);
    const open = await rows<Unconfirmed & { document: unknown }>(
      db,
      sql`
        select form.id, form.name, version.document
        from form
        join form_version version
          on version.section_id = ${sectionId} and version.form_id = form.id and version.version = form.version
        where form.section_id = ${sectionId} and form.open and form.deleted_at is null
        order by form.name_key`,
    );
    const unconfirmed = open.filter(({ document }) => {
      const parsed = FormDocumentSchema.parse(document);
      return needsConfirmation(rule, parsed) && !parsed.optIn.on;
    });
    return { rule, unconfirmed: unconfirmed.map(({ id, name }) => ({ id, name })) };
  },
});

/** Says which forms ask for a confirmation when they are published from now on. */
export const setFormRule = command({
  name: 'forms.set-rule',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ confirmation: ConfirmationRuleSchema }),
  run: async ({ prisma, actor }, { sectionId, confirmation }) => {
    const data = { confirmation, changedBy: actorUserId(actor), changedAt: new Date() };
    await prisma.formRule.upsert({
      where: { sectionId },
      create: { sectionId, ...data },
      update: data,
      select: { sectionId: true },
    });
  },
  audit: ({ confirmation }) => ({
    summary: {
      form: 'Each form decides whether people confirm by email',
      consents: 'Forms with a consent need a confirmation by email',
      all: 'All forms need a confirmation by email',
    }[confirmation],
  }),
});
