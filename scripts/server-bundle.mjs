// Bundles the server as plain JavaScript in dist: it starts sooner and uses some 90 MB less than when compiled on loading.
import fs from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { fail, hashOf, readStamp, root } from './steps.mjs';

const SHARED = ['package-lock.json', 'tsconfig.json', 'scripts/server-bundle.mjs'];

/** Bundles the server if the bundle is missing or its sources have changed. Takes about a second. */
export function bundleServer() {
  bundle('server/main.ts', 'dist/server', ['server', 'api', 'lib', 'worker', 'prisma/seed']);
}

/** Bundles the module that servers started by tests import additionally. */
export function bundleNoting() {
  bundle('testing/statements/in-server.ts', 'dist/testing', ['testing/statements', 'server/original-stack.ts']);
}

function bundle(entry, folder, sources) {
  const stamp = path.join(root, folder, 'tagwell-stamp');
  const wanted = hashOf([...sources, ...SHARED]);
  if (readStamp(stamp) === wanted) return;
  fs.rmSync(path.join(root, folder), { recursive: true, force: true });
  try {
    esbuild.buildSync({
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
    });
  } catch {
    fail('The server could not be built: see above.');
  }
  fs.writeFileSync(stamp, wanted);
}
