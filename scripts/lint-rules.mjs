// Lint rules of this repository: the floors of docs/architecture.md, where an import goes down, never up or in a circle,
// and where rows are reached by SQL only.
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** lib's subjects from the bottom up: each may use those before it. */
const SUBJECTS = [
  'text',
  'config',
  'outbound',
  'sms',
  'db',
  'export',
  'audit',
  'access',
  'naming',
  'followers',
  'work',
  'sending',
  'uses',
  'signals',
  'tags',
  'attributes',
  'profiles',
  'events',
  'consents',
  'suppression',
  'preferences',
  'mail-document',
  'notes',
  'segments',
  'audience',
  'messages',
  'forms',
  'bounces',
  'flows',
  'imports',
  'integrations',
  'operations',
  'duplicates',
  'used-in',
  'webhooks',
  'clients',
  'people',
  'activity',
  'home',
  'check',
];
/** Accounts stand beside the data of sections: they use what is below, and nothing of the data uses them. */
const below = (subject) =>
  subject === 'accounts'
    ? ['text', 'config', 'db', 'audit', 'access', 'sending']
    : SUBJECTS.slice(0, Math.max(SUBJECTS.indexOf(subject), 0));

/** What the files of a part of the repository may import. Of lib, `below` says it by subject; a part that is not named may use anything. */
const MAY_USE = {
  app: ['app', 'components', 'lib'],
  components: ['components', 'lib'],
  api: ['api', 'lib'],
  worker: ['worker', 'lib'],
  server: ['server', 'app', 'api', 'worker', 'lib', 'prisma/seed', 'demo'],
  'prisma/seed': ['prisma/seed', 'lib'],
  demo: ['demo', 'lib'],
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
    const file = path.relative(ROOT, context.filename).replaceAll(path.sep, '/');
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

const sqlOnly = {
  create: (context) => ({
    Identifier(node) {
      if (!/^prisma(On)?$/.test(node.name)) return;
      context.report({ node, message: 'Use SQL here: see “Models and SQL” in docs/decisions.md.' });
    },
  }),
};

const noPackages = {
  create: (context) => ({
    ImportDeclaration({ source }) {
      if (/^(node:|\.\/)/.test(source.value)) return;
      const message =
        'A fresh machine has no packages yet when this is loaded: import them in the function that needs them.';
      context.report({ node: source, message });
    },
  }),
};

export default {
  meta: { name: 'tagwell' },
  rules: { 'imports-go-down': importsGoDown, 'sql-only': sqlOnly, 'no-packages': noPackages },
};
