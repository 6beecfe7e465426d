// Answers that begin before the body has come whole. The rest of the body would stand in front of the next request on the
// connection, so the connection ends with the answer.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a caller may take to read the answer while its own body still comes. */
const LINGER_MS = 2_000;

/** Watches a request from here on; call it before anything is answered. */
export function closeAfterEarlyAnswer(request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  // Node calls it too where nobody else does.
  response.writeHead = (...head: unknown[]) => {
    if (bodyStillComes(request)) closeSlowly(request, response);
    return writeHead(...head);
  };
}

function bodyStillComes({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Says `Connection: close`. A connection that is reset at once would lose the answer: what still comes is thrown away first. */
function closeSlowly(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  response.shouldKeepAlive = false;
  let closing = false;
  // Node calls this when the last answer has been written.
  socket.destroySoon = () => {
    if (closing) return;
    closing = true;
    request.push = () => true;
    socket.end();
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      request.destroy(new Error('The request was answered before its body was read.'));
    });
  };
}
