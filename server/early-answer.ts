// Responses that begin before the body has fully arrived. The rest of the body would precede the next request on the connection, so
// the connection closes after the response.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Time for a caller to read the response while its own body still arrives. */
const LINGER_MS = 2_000;

/** Watches a request from here on; call it before anything is sent. */
export function closeAfterEarlyAnswer(request: IncomingMessage, response: ServerResponse): void {
  // A request that is destroyed later loses its socket.
  const { socket } = request;
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  // Node calls this too if nobody else does.
  response.writeHead = (...head: unknown[]) => {
    if (bodyStillComes(request)) closeSlowly(socket, request, response);
    return writeHead(...head);
  };
}

function bodyStillComes({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Sets `Connection: close`. Resetting the connection at once would lose the response, so what still arrives is discarded first. */
function closeSlowly(socket: Socket, request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  let closing = false;
  // Node calls this after the last response has been written.
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
