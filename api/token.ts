// OAuth 2.0 client credentials: a token is signed, names its API key and expires.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { sign, verify } from 'hono/jwt';
import { checkClient } from '@/lib/accounts/callers';
import { takeCall } from '@/lib/accounts/api-rate';
import { ApiKeyIdSchema, type ApiKeyId } from '@/lib/db/ids';
import type { ApiEnvironment } from './context';
import { problem, PROBLEM_RESPONSES } from './problem';

/** Seconds. */
const VALID = 86_400;
const TOKENS_A_MINUTE = 10;

const TokenSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ example: VALID, description: 'Seconds.' }),
  })
  .openapi('Token');

const CredentialsSchema = z.object({
  grant_type: z.literal('client_credentials', 'grant_type must be client_credentials.'),
  client_id: z.string('client_id is missing.').min(1).max(200),
  client_secret: z.string('client_secret is missing.').min(1).max(500),
});

const route = createRoute({
  method: 'post',
  path: '/oauth/token',
  tags: ['Authorisation'],
  summary: 'Get an access token',
  description:
    'The body may be JSON or a form; client_id and client_secret may come as HTTP Basic instead. Send the token with every other call: `Authorization: Bearer…`.',
  security: [],
  request: {
    body: {
      required: true,
      content: {
        'application/json': { schema: CredentialsSchema.partial({ client_id: true, client_secret: true }) },
      },
    },
  },
  responses: {
    200: { description: 'The token.', content: { 'application/json': { schema: TokenSchema } } },
    ...PROBLEM_RESPONSES,
  },
});

export function addToken(api: OpenAPIHono<ApiEnvironment>, secret: string): void {
  api.openAPIRegistry.registerPath(route);
  api.post(route.path, async (context) => {
    const form = context.req.header('content-type')?.startsWith('application/x-www-form-urlencoded');
    const body: unknown = form
      ? Object.fromEntries(new URLSearchParams(await context.req.text()))
      : await context.req.json().catch(() => null);
    const parsed = CredentialsSchema.safeParse({
      ...basicCredentials(context.req.header('authorization')),
      ...(typeof body === 'object' ? body : null),
    });
    if (!parsed.success) return problem('invalid', parsed.error.issues[0]?.message ?? 'Send JSON or a form.');
    const client = await checkClient(parsed.data.client_id, parsed.data.client_secret);
    if (!client)
      return problem(
        'invalid-client',
        'The client ID or secret is wrong, or the API key has been revoked or has expired.',
      );
    const call = await takeCall(client.accountId, 'token', { limit: TOKENS_A_MINUTE, seconds: 60 });
    if (!call.ok) {
      return problem(
        'too-many-requests',
        `At most ${TOKENS_A_MINUTE} tokens a minute. Reuse a token until it expires.`,
        {
          headers: { 'retry-after': String(call.retryAfter) },
        },
      );
    }
    const token = await sign(
      { sub: String(client.apiKeyId), exp: Math.floor(Date.now() / 1_000) + VALID },
      secret,
      'HS256',
    );
    return context.json({ access_token: token, token_type: 'Bearer' as const, expires_in: VALID }, 200, {
      'cache-control': 'no-store',
    });
  });
}

function basicCredentials(header: string | undefined): { client_id: string; client_secret: string } | null {
  const encoded = /^Basic (\S+)$/i.exec(header ?? '')?.[1];
  if (!encoded) return null;
  const [id, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { client_id: decoded(id ?? ''), client_secret: decoded(rest.join(':')) };
}

/** RFC 6749 form-encodes both parts of the Basic credentials. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The API key of a token; null if it is forged, of another kind or expired. */
export async function readToken(token: string, secret: string): Promise<ApiKeyId | null> {
  const known = verified.get(token);
  if (known && known.ends > Date.now()) return known.apiKeyId;
  try {
    const { sub, exp } = await verify(token, secret, 'HS256');
    const apiKeyId = ApiKeyIdSchema.parse(sub);
    if (verified.size >= VERIFIED_MAX) verified.clear();
    verified.set(token, { apiKeyId, ends: Number(exp) * 1_000 });
    return apiKeyId;
  } catch {
    return null;
  }
}

/**
 * Cache of tokens with a verified signature, since a client sends the same one for a day. The key's validity is still checked on
 * every call.
 */
const verified = new Map<string, { apiKeyId: ApiKeyId; ends: number }>();
const VERIFIED_MAX = 1_000;
