// The Content-Security-Policy: only scripts with the request's nonce run, and nothing is loaded from other origins.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const HEADER = 'content-security-policy';

/** The policy for one response. Inline styles stay allowed, since they position the rows of long tables. */
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

/** Sets the policy on the response, and on the request, from which Next takes the nonce for its own scripts. */
export function setPolicy(request: IncomingMessage, response: ServerResponse): void {
  const policy = policyWith(randomBytes(16).toString('base64'));
  request.headers[HEADER] = policy;
  response.setHeader(HEADER, policy);
}
