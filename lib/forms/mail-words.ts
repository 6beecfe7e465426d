// What a mail says that asks for a confirmation: in the form's language, or in words of its own.
import { escapeHtml } from '@/lib/text/escape-html';
import type { FormDocument } from './schema';
import { directionOf, textOf } from './texts';

/** The mail. `form`: what the form is called on its page. `address`: where its button leads. */
export function contentOf(
  document: FormDocument,
  { form, address, isReminder }: { form: string; address: string; isReminder: boolean },
): { subject: string; text: string; html: string } {
  const { optIn, language } = document;
  const subject = isReminder ? textOf(document, 'reminderSubject') : optIn.subject || textOf(document, 'mailSubject');
  const words = optIn.text.trim() || textOf(document, 'mailText', { form });
  const button = optIn.button || textOf(document, 'mailButton');
  const paragraphs = words.split(/\n{2,}/).map((each) => `<p>${escapeHtml(each).replaceAll('\n', '<br>')}</p>`);
  const html = `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin:0;padding:24px;font:16px/24px Arial,Helvetica,sans-serif">
<div style="max-width:32em">
${paragraphs.join('\n')}
<p style="padding:8px 0"><a href="${escapeHtml(address)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:bold">${escapeHtml(button)}</a></p>
<p style="font-size:14px;line-height:20px"><a href="${escapeHtml(address)}" style="word-break:break-all">${escapeHtml(address)}</a></p>
</div>
</body>
</html>
`;
  return { subject, text: `${words}\n\n${button}: ${address}\n`, html };
}
