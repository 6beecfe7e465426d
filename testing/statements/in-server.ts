// Imported by a server that a test starts: it notes its statements too. Its threads have no connections, and little memory.
import { isMainThread } from 'node:worker_threads';

const folder = process.env.TAGWELL_TEST_STATEMENTS;
if (folder && isMainThread) {
  const { collectInto } = await import('./collect');
  collectInto(folder);
}
