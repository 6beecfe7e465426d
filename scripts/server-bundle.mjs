// Bundles the server as plain JavaScript in dist: it starts sooner and uses some 90 MB less than when compiled on loading.
import fs from 'node:fs';
import path from 'node:path';
import { fail, hashOf, readStamp, root } from './steps.mjs';

const SHARED = ['package-lock.json', 'tsconfig.json', 'scripts/server-bundle.mjs'];

/** Bundles the server if the bundle is missing or its sources have changed. Takes about a second. */
export async function bundleServer() {
  await bundle('server/main.ts', 'dist/server', ['server', 'api', 'lib', 'worker', 'prisma/seed', 'demo']);
  await bundle('lib/imports/workbook/thread.mjs', 'dist/workbook', ['lib/imports/workbook'], WHOLE);
}

/**
 * With its packages, of which a thread has to load only what it uses: each workbook starts one, and loading took most of its processor
 * time.
 */
const WHOLE = {
  packages: 'bundle',
  // Packages in CommonJS require modules of Node.
  banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
};

/** Bundles `npm run db:check`, apart from a server that may be running from its own bundle. */
export async function bundleCheck() {
  await bundle('scripts/db-check.ts', 'dist/db-check', ['scripts/db-check.ts', 'lib']);
}

/** Bundles the module that servers started by tests import additionally. */
export async function bundleNoting() {
  await bundle('testing/statements/in-server.ts', 'dist/testing', ['testing/statements', 'server/original-stack.ts']);
}

async function bundle(entry, folder, sources, options = {}) {
  const stamp = path.join(root, folder, 'tagwell-stamp');
  const wanted = hashOf([...sources, ...SHARED]);
  if (readStamp(stamp) === wanted) return;
  fs.rmSync(path.join(root, folder), { recursive: true, force: true });
  // Loaded here because a fresh machine has no packages until `installPackages` has run.
  const { build } = await import('esbuild');
  try {
    await build({
      entryPoints: [path.join(root, entry)],
      outdir: path.join(root, folder),
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      // Modules that are imported lazily stay separate files.
      splitting: true,
      // Read by the log for stack traces. Node's own support would keep all maps in memory.
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'error',
      ...options,
    });
  } catch {
    fail('The server could not be built: see above.');
  }
  fs.writeFileSync(stamp, wanted);
}
