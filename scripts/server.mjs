// What the tests that start a server need, where they are run without `npm test`.
import { generateClient } from './prisma-client.mjs';
import { bundleNoting, bundleServer } from './server-bundle.mjs';

generateClient();
bundleServer();
bundleNoting();
