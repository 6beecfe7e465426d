'use client';
// A mail as a mail program shows it. Nothing of it runs, and nothing is loaded but pictures of this installation.
import { useOrigin } from './use-origin';

type Props = {
  html: string;
  /** Of the mail. */
  subject: string;
  /** Pixels. */
  width: number;
  scheme: 'light' | 'dark';
  /** Whether its links open, in a tab of their own. */
  opensLinks: boolean;
  className: string;
};

export function MailFrame({ html, subject, width, scheme, opensLinks, className }: Props) {
  const origin = useOrigin();
  return (
    <iframe
      title={`Mail: ${subject}`}
      sandbox={opensLinks ? 'allow-popups allow-popups-to-escape-sandbox' : ''}
      referrerPolicy="no-referrer"
      srcDoc={origin === null ? '' : documentOf(html, { scheme, opensLinks, origin })}
      style={{ width, colorScheme: 'light' }}
      className={className}
    />
  );
}

/** What an approximation is worth. */
export const DARK_HINT =
  'Gmail and Outlook turn the colours round, each a little differently from this; Apple Mail keeps them.';

/**
 * Roughly what Gmail and Outlook do to a mail in the dark: a sheet over it turns the colours round. Pictures lie above the sheet, as turning them round twice
 * would not give back what they were.
 */
const INVERTED =
  'html{background:#fff}body{min-height:100vh}body::after{content:"";position:fixed;inset:0;z-index:1;pointer-events:none;backdrop-filter:invert(.92) hue-rotate(180deg)}img{position:relative;z-index:2}';

type Shown = Pick<Props, 'scheme' | 'opensLinks'> & { origin: string };

/** The mail's own HTML, behind our policy: one that comes later could only be stricter. */
function documentOf(html: string, { scheme, opensLinks, origin }: Shown): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src ${origin} data:; base-uri 'none'; form-action 'none'`;
  const style = `${opensLinks ? '' : 'a{pointer-events:none}'}${scheme === 'dark' ? INVERTED : ''}`;
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><base target="_blank"><style>${style}</style>${html}`;
}
