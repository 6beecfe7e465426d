// Prepares what tests that start a server need when they run without `npm test`.
import { generateClient } from './prisma-client.mjs';
import { bundleNoting, bundleServer } from './server-bundle.mjs';

generateClient();
await bundleServer();
await bundleNoting();
