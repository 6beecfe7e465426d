// A section's own templates: mails that others begin from, beside the built-in ones. A template is a copy: what is written in a message later changes nothing of
// it, and the other way round. It refers to tags and attributes by id, none of which is ever deleted; what was hidden needs attention in the message that begins from it.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import {
  inAddress,
  MessageIdSchema,
  MessageTemplateIdSchema,
  type MessageTemplateId,
  type SectionId,
} from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { MailDocumentSchema, type MailDocument } from '@/lib/mail-document/schema';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { ContentSchema } from './schema';
import type { MessageTemplate, TemplateWithDocument } from './templates-schema';

const TEMPLATES_MAX = 200;

const GONE = 'This template does not exist any more.';

const InTemplate = InSection.extend({ templateId: MessageTemplateIdSchema });

/** The templates of a section, by name. */
export const readTemplates = query({
  name: 'messages.list-templates',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) =>
    rows<MessageTemplate>(
      db,
      sql`
        select template.id, template.name, template.changed_at as "changedAt", app_user.name as "changedBy"
        from message_template template
        left join app_user on app_user.id = template.changed_by
        where template.section_id = ${sectionId} and template.deleted_at is null
        order by template.name_key, template.id`,
    ),
});

/** A template with what it says. */
export const readTemplate = query({
  name: 'messages.read-template',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ templateId: inAddress(MessageTemplateIdSchema) }),
  run: async ({ db }, { sectionId, templateId }): Promise<TemplateWithDocument> => {
    const found = await maybeOne<MessageTemplate & { document: unknown }>(
      db,
      sql`
        select template.id, template.name, template.changed_at as "changedAt", app_user.name as "changedBy", template.document
        from message_template template
        left join app_user on app_user.id = template.changed_by
        where template.section_id = ${sectionId} and template.id = ${templateId} and template.deleted_at is null`,
    );
    if (!found) return refuse('not_found', GONE);
    return { ...found, document: MailDocumentSchema.parse(found.document) };
  },
});

/**
 * Saves an email, as it is saved, as a template: `{ id, name }`. Of an A/B test, variant A. `replace`: the template that has the name is replaced; otherwise a name
 * that is taken is refused.
 */
export const saveTemplate = command({
  name: 'messages.save-template',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ messageId: MessageIdSchema, name: NameSchema, replace: z.boolean().default(false) }),
  run: async ({ tx, prisma, actor }, { sectionId, messageId, name, replace }) => {
    const document = await documentOf(tx, sectionId, messageId);
    const taken = await templateNamed(prisma, sectionId)(nameKey(name));
    if (taken && !replace) await requireFreeName({ thing: 'a template', name }, () => Promise.resolve(taken));
    const data = { name, nameKey: nameKey(name), document, changedBy: actorUserId(actor), changedAt: new Date() };
    if (taken) {
      const where = { sectionId_id: { sectionId, id: taken.id } };
      await prisma.messageTemplate.update({ where, data, select: { id: true } });
      return { id: taken.id, name, replaced: true };
    }
    const count = await prisma.messageTemplate.count({ where: { sectionId, deletedAt: null } });
    if (count >= TEMPLATES_MAX)
      refuse('conflict', `A section has at most ${TEMPLATES_MAX} templates. Delete one first.`);
    const { id } = await prisma.messageTemplate.create({ data: { sectionId, ...data }, select: { id: true } });
    return { id, name, replaced: false };
  },
  audit: (_input, { id, name, replaced }) => ({
    summary: `${replaced ? 'Replaced' : 'Saved'} the template “${name}”`,
    subject: `message-template:${id}`,
  }),
});

async function documentOf(tx: Tx, sectionId: SectionId, messageId: number): Promise<MailDocument> {
  const found = await maybeOne<{ content: unknown }>(
    tx,
    sql`
      select content from message
      where section_id = ${sectionId} and id = ${messageId} and deleted_at is null`,
  );
  if (!found) return refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
  const content = ContentSchema.parse(found.content);
  if (content.channel !== 'email') return refuse('invalid', 'Only emails can be templates.');
  if (content.document.blocks.length === 0) return refuse('invalid', 'There is nothing in this email yet.');
  return content.document;
}

/** Calls a template something else. */
export const renameTemplate = command({
  name: 'messages.rename-template',
  scope: 'section',
  allow: 'everyone',
  input: InTemplate.extend({ name: NameSchema }),
  run: async ({ tx, prisma }, { sectionId, templateId, name }) => {
    const before = await locked(tx, sectionId, templateId, false);
    await requireFreeName({ thing: 'a template', name, except: templateId }, templateNamed(prisma, sectionId));
    await execute(
      tx,
      sql`
        update message_template set name = ${name}, name_key = ${nameKey(name)}
        where section_id = ${sectionId} and id = ${templateId}`,
    );
    return { before: before.name };
  },
  audit: ({ templateId, name }, { before }) => ({
    summary: `Renamed the template “${before}” to “${name}”`,
    subject: `message-template:${templateId}`,
  }),
});

/** Deletes a template, or brings it back (`deleted: false`). Messages that began from it stay as they are. */
export const deleteTemplate = command({
  name: 'messages.delete-template',
  scope: 'section',
  allow: 'everyone',
  input: InTemplate.extend({ deleted: z.boolean().default(true) }),
  run: async ({ tx, prisma }, { sectionId, templateId, deleted }) => {
    const { name } = await locked(tx, sectionId, templateId, !deleted);
    if (!deleted) await requireFreeName({ thing: 'a template', name }, templateNamed(prisma, sectionId));
    await execute(
      tx,
      sql`
        update message_template set deleted_at = ${deleted ? new Date() : null}
        where section_id = ${sectionId} and id = ${templateId}`,
    );
    return { name };
  },
  audit: ({ templateId, deleted }, { name }) => ({
    summary: `${deleted ? 'Deleted' : 'Brought back'} the template “${name}”`,
    subject: `message-template:${templateId}`,
  }),
});

/** Locks a template that is there, or one that was deleted. */
async function locked(
  tx: Tx,
  sectionId: SectionId,
  templateId: MessageTemplateId,
  isDeleted: boolean,
): Promise<{ name: string }> {
  const found = await maybeOne<{ name: string }>(
    tx,
    sql`
      select name from message_template
      where section_id = ${sectionId} and id = ${templateId} and (deleted_at is not null) = ${isDeleted}
      for update`,
  );
  return found ?? refuse('not_found', GONE);
}

const templateNamed = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.messageTemplate.findFirst({
    where: { sectionId, nameKey: key, deletedAt: null },
    select: { id: true, name: true },
  });
