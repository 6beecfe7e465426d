// `npm run db:check`: runs db-check.ts from its bundle.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleCheck } from './server-bundle.mjs';
import { root } from './steps.mjs';

await bundleCheck();
await import(pathToFileURL(path.join(root, 'dist', 'db-check', 'db-check.js')).href);
