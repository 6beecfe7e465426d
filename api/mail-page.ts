// How a mail is answered as a page.
import { NOT_KEPT } from './followed';

/** A mail has no script, and if it had one it would not run. Its links open as they do in a mail program. */
export const MAIL_HEADERS = {
  ...NOT_KEPT,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; img-src * data:; style-src 'unsafe-inline'; font-src *; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
