// Lint, and the floors of docs/architecture.md: an import goes down, never up or in a circle.
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** lib's subjects from the bottom up: each may use those before it. */
const SUBJECTS = [
  'text',
  'config',
  'outbound',
  'db',
  'export',
  'audit',
  'access',
  'naming',
  'followers',
  'work',
  'uses',
  'signals',
  'tags',
  'attributes',
  'profiles',
  'events',
  'consents',
  'segments',
  'operations',
  'imports',
  'used-in',
  'webhooks',
  'clients',
  'people',
  'activity',
  'check',
];
/** Accounts stand beside the data of sections: they use what is below, and nothing of the data uses them. */
const below = (subject) =>
  subject === 'accounts' ? ['text', 'config', 'db', 'audit', 'access'] : SUBJECTS.slice(0, SUBJECTS.indexOf(subject));

/** Where SQL does it: sets and locks, what every API call asks, steps of long work. Nor do floors above lib touch rows. */
const SQL_ONLY = [
  '{api,app,bench,components,scripts,server,worker}/**',
  'lib/{check,clients,config,export,followers,imports,operations,outbound,people,profiles,text}/**',
  'lib/accounts/{api-rate,attempts,callers,create,tag-use}.ts',
  'lib/segments/!(commands|note-export|queries).ts',
  'lib/tags/!(commands|queries).ts',
  'lib/webhooks/!(commands|queries).ts',
];

const PRISMA_ITSELF = {
  group: ['@prisma/*', '**/db/generated/**', '**/prisma-client'],
  message: 'Use prismaOn (lib/db/prisma.ts).',
};
const CONNECTIONS = {
  group: ['**/db/pool'],
  message: 'Declare a query or a command in lib: it has the permission beside it (lib/access/query.ts).',
};

const element = (selector) => ({ element: selector });
const lib = (subject) => element({ type: 'lib', captured: { subject } });
const libRules = [...SUBJECTS, 'accounts'].map((subject) => ({
  from: lib(subject),
  allow: { to: [lib(subject), ...below(subject).map(lib)] },
}));

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      '.next',
      'dist',
      'lib/db/generated',
      '.data',
      '.cache',
      'next-env.d.ts',
      'test-results',
      'playwright-report',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'react-hooks': reactHooks, boundaries },
    settings: {
      'import/resolver': { typescript: { alwaysTryTypes: true } },
      'boundaries/elements': [
        { type: 'app', pattern: 'app' },
        { type: 'api', pattern: 'api/**', partialMatch: false },
        { type: 'components', pattern: 'components' },
        { type: 'lib', pattern: 'lib/*', capture: ['subject'] },
        { type: 'worker', pattern: 'worker' },
        { type: 'server', pattern: 'server' },
        { type: 'seed', pattern: 'prisma/seed' },
        { type: 'testing', pattern: '{testing,e2e,bench,scripts}' },
      ],
      'boundaries/ignore': ['**/*.test.ts', '*.config.{ts,mjs}'],
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          message: 'An import goes down: app → components → lib, api → lib, worker → lib; see docs/architecture.md',
          policies: [
            { from: element({ type: 'app' }), allow: { to: element({ type: ['app', 'components', 'lib'] }) } },
            { from: element({ type: 'components' }), allow: { to: element({ type: ['components', 'lib'] }) } },
            { from: element({ type: 'api' }), allow: { to: element({ type: ['api', 'lib'] }) } },
            { from: element({ type: 'worker' }), allow: { to: element({ type: ['worker', 'lib'] }) } },
            {
              from: element({ type: 'server' }),
              allow: { to: element({ type: ['server', 'app', 'api', 'worker', 'lib', 'seed'] }) },
            },
            { from: element({ type: 'seed' }), allow: { to: element({ type: ['seed', 'lib'] }) } },
            {
              from: element({ type: 'testing' }),
              allow: {
                to: element({ type: ['testing', 'app', 'api', 'components', 'lib', 'worker', 'server', 'seed'] }),
              },
            },
            ...libRules,
          ],
        },
      ],
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A promise-returning function without await is how a query is passed on.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    ignores: ['lib/db/{prisma-client,prisma,schema-engine}.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [PRISMA_ITSELF],
        },
      ],
    },
  },
  {
    files: ['{app,api,components}/**/*.{ts,tsx}'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [PRISMA_ITSELF, CONNECTIONS] }] },
  },
  {
    files: SQL_ONLY,
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Identifier[name=/^prisma(On)?$/]',
          message: 'Use SQL here: see “Models and SQL” in docs/decisions.md.',
        },
      ],
    },
  },
  // Playwright's `use` is no React hook.
  { files: ['e2e/**'], rules: { 'react-hooks/rules-of-hooks': 'off' } },
  { files: ['**/*.mjs', 'next.config.js'], languageOptions: { globals: globals.node } },
);
