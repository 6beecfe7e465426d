// The Content-Security-Policy is new at each request: server/content-security.ts.
const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=()' },
];

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm test` checks the types; a build on an operator's machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  // Native or stateful server parts: loaded by Node itself, so that the web and the worker in one process share them.
  serverExternalPackages: [
    'pg',
    '@prisma/client',
    '@prisma/adapter-pg',
    '@node-rs/argon2',
    'graphile-worker',
    'imapflow',
    'mjml',
    'pino',
    'prom-client',
  ],
  // Titles come together with their page: while they are streamed after it, a tab is without one for a moment.
  htmlLimitedBots: /.*/,
  experimental: { serverActions: { bodySizeLimit: '1mb' } },
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
};

export default config;
