// Prepares what tests that start a server, or the check of its database, need.
import { generateClient } from './prisma-client.mjs';
import { bundleCheck, bundleNoting, bundleServer } from './server-bundle.mjs';

generateClient();
await bundleServer();
await bundleCheck();
await bundleNoting();
