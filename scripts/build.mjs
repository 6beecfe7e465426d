// `npm run build`: builds the server and the web application if their sources have changed.
import { generateClient } from './prisma-client.mjs';
import { bundleServer } from './server-bundle.mjs';
import { buildApplication, installPackages, requireNode } from './steps.mjs';

requireNode();
installPackages();
generateClient();
await bundleServer();
buildApplication();
