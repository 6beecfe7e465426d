// `npm run build`: the web application, where something has changed.
import { generateClient } from './prisma-client.mjs';
import { buildApplication, installPackages, requireNode } from './steps.mjs';

requireNode();
installPackages();
generateClient();
buildApplication();
