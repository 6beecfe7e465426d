// What mails with links, and notices, say.
import { escapeHtml } from '@/lib/text/escape-html';
import { ROLE_NAMES } from './schema';
import type { OpenLink } from './links';
import { noticeInWords, type Notice } from './notices';

export type Content = { subject: string; text: string; html: string };

/** The mail of a link. `address`: where it leads. */
export function contentOf(kind: 'invitation' | 'password' | 'forgotten', link: OpenLink, address: string): Content {
  const until = `It works once, until ${link.expiresAt.toUTCString().replace(/:\d\d GMT$/, ' UTC')}.`;
  switch (kind) {
    case 'invitation':
      return content({
        subject: `${link.maker.name} invites you to ${link.account} on Tagwell`,
        before: `${link.maker.name} invites you to work with ${link.account} on Tagwell, as ${ROLE_NAMES[link.role]}.`,
        button: 'Join',
        address,
        after: `${until} If you do not know ${link.maker.name}, ignore this mail.`,
      });
    case 'password':
      return content({
        subject: 'Your link to set a new password for Tagwell',
        before: `${link.maker.name} has made a link for you, with which you set a new password for ${link.account} on Tagwell.`,
        button: 'Set a new password',
        address,
        after: until,
      });
    case 'forgotten':
      return content({
        subject: 'Set a new password for Tagwell',
        before: `Somebody, probably you, asked for a link to set a new password for ${link.account} on Tagwell.`,
        button: 'Set a new password',
        address,
        after: `${until} If it was not you, ignore this mail: your password stays as it is.`,
      });
  }
}

/** The mail of a notice. `address`: of the installation. */
export function contentOfNotice(notice: Notice, about: { account: string; at: Date }, address: string): Content {
  const { subject, what, next } = noticeInWords(notice, about);
  return content({ subject, before: what, button: 'Open Tagwell', address, after: next });
}

type Parts = { subject: string; before: string; button: string; address: string; after: string };

function content({ subject, before, button, address, after }: Parts): Content {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin:0;padding:24px;font:16px/24px Arial,Helvetica,sans-serif">
<div style="max-width:32em">
<p>${escapeHtml(before)}</p>
<p style="padding:8px 0"><a href="${escapeHtml(address)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:bold">${escapeHtml(button)}</a></p>
<p>${escapeHtml(after)}</p>
<p style="font-size:14px;line-height:20px">If the button does not work, open this address:<br><a href="${escapeHtml(address)}" style="word-break:break-all">${escapeHtml(address)}</a></p>
</div>
</body>
</html>
`;
  return { subject, text: `${before}\n\n${button}: ${address}\n\n${after}\n`, html };
}
