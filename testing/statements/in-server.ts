// Imported by a server that a test starts: it notes its statements too. Threads of the server import it as well: they have no connections.
import { isMainThread } from 'node:worker_threads';
import { collectInto } from './collect';

const folder = process.env.TAGWELL_TEST_STATEMENTS;
if (folder && isMainThread) collectInto(folder);
