// The Content-Security-Policy: scripts run only with the nonce of their request, and nothing is loaded from elsewhere.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const HEADER = 'content-security-policy';

/** The policy for one answer. Inline styles stay allowed: rows of long tables are placed by them. */
export function policyWith(nonce: string): string {
  return [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}

/** Sets the policy on the answer, and on the request, where Next reads the nonce for its own scripts. */
export function setPolicy(request: IncomingMessage, response: ServerResponse): void {
  const policy = policyWith(randomBytes(16).toString('base64'));
  request.headers[HEADER] = policy;
  response.setHeader(HEADER, policy);
}
