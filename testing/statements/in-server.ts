// Imported by a server that a test starts, so that its statements are recorded too. Its threads import it as well, but
// have no connections.
import { isMainThread } from 'node:worker_threads';
import { collectInto } from './collect';

const folder = process.env.TAGWELL_TEST_STATEMENTS;
if (folder && isMainThread) collectInto(folder);
