// Imported by a server that a test starts: it notes its statements too. JavaScript, since threads of the server import it as well:
// they have no connections and little memory, and do not read TypeScript.
import { isMainThread } from 'node:worker_threads';

const folder = process.env.TAGWELL_TEST_STATEMENTS;
if (folder && isMainThread) {
  const { collectInto } = await import('./collect.ts');
  collectInto(folder);
}
