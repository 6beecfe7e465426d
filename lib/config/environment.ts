// The process's environment, parsed once. Each error is one line that says what is wrong and what to do.
import { z } from 'zod';
import { isAddressRange } from './address-range';

const optional = z.string().trim().min(1).optional();

const addressRanges = z
  .string()
  .transform((list) => list.split(',').flatMap((entry) => entry.trim() || []))
  .refine((list) => list.every(isAddressRange), 'must be addresses or ranges, such as 10.0.0.5,10.1.0.0/16');

const S3_NEEDED = ['TAGWELL_S3_BUCKET', 'TAGWELL_S3_ACCESS_KEY', 'TAGWELL_S3_SECRET_KEY'] as const;

const EnvironmentSchema = z
  .object({
    DATABASE_URL: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// (or be unset: then Tagwell runs its own database)')
      .optional(),
    PORT: z.coerce.number('must be a port number').int().min(0).max(65535).default(3000),
    HOST: optional,
    TAGWELL_URL: z.url('must be the address that people open, such as https://tags.example.com').optional(),
    TAGWELL_SECRET: z
      .string()
      .min(32, 'must have at least 32 characters: make one with `openssl rand -base64 32`')
      .optional(),
    TAGWELL_FORMER_SECRETS: z
      .string()
      .default('')
      .transform((list) => list.split(',').flatMap((entry) => entry.trim() || [])),
    TAGWELL_ROLE: z.enum(['all', 'web', 'api', 'worker'], 'must be all, web, api or worker').default('all'),
    TAGWELL_DATA_DIR: z.string().min(1).default('.data'),
    TAGWELL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
    TAGWELL_MAX_UPLOAD_MB: z.coerce.number('must be a number of megabytes').int().positive().default(1024),
    TAGWELL_UPLOADS_PER_PERSON_MB: z.coerce.number('must be a number of megabytes').int().positive().default(4096),
    TAGWELL_UPLOADS_PER_SECTION_MB: z.coerce.number('must be a number of megabytes').int().positive().default(8192),
    TAGWELL_UPLOADS_MB: z.coerce.number('must be a number of megabytes').int().positive().default(20480),
    TAGWELL_DATABASE_CONNECTIONS: z.coerce.number('must be a number of connections').int().min(10).default(20),
    TAGWELL_OPERATIONS_AT_ONCE: z.coerce.number('must be a number of operations').int().min(1).default(4),
    TAGWELL_API_CALLS_PER_SECOND: z.coerce.number('must be a number of calls').int().positive().default(100),
    TAGWELL_API_TIMEOUT_SECONDS: z.coerce.number('must be a number of seconds').int().positive().default(30),
    TAGWELL_UPLOAD_TIMEOUT_SECONDS: z.coerce.number('must be a number of seconds').int().positive().default(30),
    TAGWELL_ALLOW_PRIVATE_ADDRESSES: addressRanges.default([]),
    TAGWELL_TRUSTED_PROXIES: addressRanges.default(['127.0.0.0/8', '::1']),
    TAGWELL_METRICS_TOKEN: z
      .string()
      .min(16, 'must have at least 16 characters: make one with `openssl rand -base64 24`')
      .optional(),
    TAGWELL_S3_ENDPOINT: z
      .url({
        protocol: /^https?$/,
        error: 'must be the address of the storage without the bucket, such as https://s3.eu-north-1.amazonaws.com',
      })
      .optional(),
    TAGWELL_S3_BUCKET: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket')
      .optional(),
    TAGWELL_S3_REGION: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'must be a region, such as eu-north-1')
      .default('us-east-1'),
    TAGWELL_S3_ACCESS_KEY: optional,
    TAGWELL_S3_SECRET_KEY: optional,
    OIDC_ISSUER: z.url('must be the address of your identity provider').optional(),
    OIDC_CLIENT_ID: optional,
    OIDC_CLIENT_SECRET: optional,
    OIDC_TRUST_EMAIL: z.enum(['true', 'false'], 'must be true or false').default('false'),
    OIDC_NAME: z.string().default('single sign-on'),
  })
  .superRefine((given, context) => {
    const missing = S3_NEEDED.filter((name) => given[name] === undefined);
    if (given.TAGWELL_S3_ENDPOINT === undefined) return;
    for (const name of missing) {
      context.addIssue({ code: 'custom', path: [name], message: 'must be set too, since TAGWELL_S3_ENDPOINT is' });
    }
  });

export type Environment = z.infer<typeof EnvironmentSchema>;

/** A setting that cannot be used. The message is for the operator. */
export class EnvironmentError extends Error {}

/** Parses an environment; empty variables count as unset. Throws `EnvironmentError` naming each variable that is wrong. */
export function parseEnvironment(source: Record<string, string | undefined>): Environment {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = EnvironmentSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new EnvironmentError(lines.join('\n'));
}

/** The environment of this process. */
export function environment(): Environment {
  return parseEnvironment(process.env);
}
