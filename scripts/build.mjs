// `npm run build`: the server and the web application, where something has changed.
import { generateClient } from './prisma-client.mjs';
import { bundleServer } from './server-bundle.mjs';
import { buildApplication, installPackages, requireNode } from './steps.mjs';

requireNode();
installPackages();
generateClient();
bundleServer();
buildApplication();
