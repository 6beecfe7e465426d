// Lint, and the floors of docs/architecture.md: an import goes down, never up or in a circle.
import path from 'node:path';
import js from '@eslint/js';
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
  'notes',
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
  subject === 'accounts'
    ? ['text', 'config', 'db', 'audit', 'access']
    : SUBJECTS.slice(0, Math.max(SUBJECTS.indexOf(subject), 0));

/** Where SQL does it: sets and locks, what every API call asks, steps of long work. Nor do floors above lib touch rows. */
const SQL_ONLY = [
  '{api,app,bench,components,scripts,server,worker}/**',
  'lib/{check,clients,config,export,followers,imports,operations,outbound,people,profiles,text}/**',
  'lib/accounts/{api-rate,attempts,callers,create,tag-use}.ts',
  'lib/segments/!(commands|record-export|queries).ts',
  'lib/tags/!(commands|queries|update).ts',
  'lib/webhooks/!(commands|queries).ts',
];

const PACKAGES = {
  regex: '^(?!node:|\\./)',
  message: 'A fresh machine has no packages yet when this is loaded: import them in the function that needs them.',
};
const PRISMA_ITSELF = {
  group: ['@prisma/*', '**/db/generated/**', '**/prisma-client'],
  message: 'Use prismaOn (lib/db/prisma.ts).',
};
const CONNECTIONS = {
  group: ['**/db/pool'],
  message: 'Declare a query or a command in lib: it has the permission beside it (lib/access/query.ts).',
};

/** What the files of a part of the repository may import. Of lib, `below` says it by subject; a part that is not named may use anything. */
const MAY_USE = {
  app: ['app', 'components', 'lib'],
  components: ['components', 'lib'],
  api: ['api', 'lib'],
  worker: ['worker', 'lib'],
  server: ['server', 'app', 'api', 'worker', 'lib', 'prisma/seed'],
  'prisma/seed': ['prisma/seed', 'lib'],
  lib: ['lib'],
};

function mayImport(file, target) {
  const [own, other] = [file, target].map((name) => /^(?:lib\/([^/]+)|prisma\/seed|[^/]+)(?=\/)/.exec(name));
  if (!own || !other) return true;
  const [part, subject] = own;
  const [otherPart, otherSubject] = other;
  const allowed = MAY_USE[subject ? 'lib' : part];
  if (allowed && !allowed.includes(otherSubject ? 'lib' : otherPart)) return false;
  return !subject || subject === otherSubject || below(subject).includes(otherSubject);
}

const importsGoDown = {
  create(context) {
    const file = path.relative(import.meta.dirname, context.filename).replaceAll(path.sep, '/');
    const check = (source) => {
      if (typeof source?.value !== 'string' || !/^(@\/|\.)/.test(source.value)) return;
      const target = path.posix.join(
        source.value.startsWith('@/') ? '.' : path.posix.dirname(file),
        source.value.replace(/^@\//, ''),
      );
      if (mayImport(file, target)) return;
      const message = 'An import goes down: app → components → lib, api → lib, worker → lib; see docs/architecture.md';
      context.report({ node: source, message });
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      TSImportType: ({ source }) => check(source),
    };
  },
};

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
    plugins: { 'react-hooks': reactHooks },
    rules: {
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
    ignores: ['**/*.test.ts', '*.config.ts'],
    plugins: { floors: { rules: { 'imports-go-down': importsGoDown } } },
    rules: { 'floors/imports-go-down': 'error' },
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
  {
    // They run before the packages are installed.
    files: ['scripts/*.mjs'],
    rules: { 'no-restricted-imports': ['error', { patterns: [PACKAGES] }] },
  },
);
