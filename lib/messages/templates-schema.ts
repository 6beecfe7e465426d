// Shapes of templates. Imports no server code, so that the browser can use it.
import type { MessageTemplateId } from '@/lib/db/ids';
import type { MailDocument } from '@/lib/mail-document/schema';

/** A mail of the section that others begin from. */
export type MessageTemplate = { id: MessageTemplateId; name: string; changedAt: Date; changedBy: string | null };

/** With what it says. */
export type TemplateWithDocument = MessageTemplate & { document: MailDocument };
