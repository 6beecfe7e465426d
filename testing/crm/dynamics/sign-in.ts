// Microsoft Entra's token endpoint for the made-up environment (crm-apis §4.2).
import { json, type SimAnswer, type SimRequest } from '@/demo/crm/wire';
import { guidOf, type Site } from './site';

const failure = (code: number, error: string, words: string, status = 401): SimAnswer =>
  json(status, {
    error,
    error_description: `AADSTS${code}: ${words} Trace ID: ${guidOf(words)}`,
    error_codes: [code],
    timestamp: '2026-11-26 10:00:00Z',
    trace_id: guidOf('trace'),
    correlation_id: guidOf('correlation'),
  });

/** Access tokens and when they end. */
export class SignIn {
  /** The secret has expired. */
  expired = false;
  readonly #tokens = new Map<string, number>();
  #count = 0;

  constructor(readonly site: Site) {}

  /** The answer of `/{tenant}/oauth2/v2.0/token`. */
  token(request: SimRequest, tenant: string, environment: string, now: number): SimAnswer {
    const { tenantId, clientId, clientSecret } = this.site.secrets;
    const form = new URLSearchParams(request.body);
    if (tenant !== tenantId) return failure(90002, 'invalid_request', `Tenant '${tenant}' not found.`, 400);
    if (form.get('client_id') !== clientId) {
      return failure(700016, 'unauthorized_client', 'Application was not found in the directory.', 400);
    }
    if (this.expired) return failure(7000222, 'invalid_client', 'The provided client secret keys are expired.');
    if (form.get('client_secret') !== clientSecret) {
      return failure(7000215, 'invalid_client', 'Invalid client secret provided.');
    }
    if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== `${environment}/.default`) {
      return failure(70011, 'invalid_scope', 'The provided value for scope is not valid.', 400);
    }
    this.#count += 1;
    const token = `eyJ.simulated.${this.#count}`;
    const { tokenSeconds } = this.site.options;
    this.#tokens.set(token, now + tokenSeconds * 1_000);
    return json(200, {
      token_type: 'Bearer',
      expires_in: tokenSeconds,
      ext_expires_in: tokenSeconds,
      access_token: token,
    });
  }

  isValid(authorization: string | undefined, now: number): boolean {
    return (this.#tokens.get(authorization?.replace(/^Bearer /, '') ?? '') ?? 0) > now;
  }

  /** Every token ends now. */
  endAll(): void {
    this.#tokens.clear();
  }
}
