// Listening on an address, with a clear line where it cannot be.
import { createServer, type Server } from 'node:http';

/** The address cannot be listened on; the message is one line for the operator. */
export class ListenError extends Error {}

/** A server with our time limits, in milliseconds. */
export function createHttpServer(): Server {
  return createServer({
    // Longer than proxies keep an idle connection, so that none sends a request into one that we are just closing.
    keepAliveTimeout: 65_000,
    headersTimeout: 20_000,
    // A large file over a slow line takes its time; the API gives up other bodies sooner.
    requestTimeout: 3_600_000,
  });
}

/** Resolves once the server listens; throws `ListenError` where it cannot. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reasons: Record<string, string> = {
        EADDRINUSE: `Port ${port} is in use. Stop the other program, or set PORT to another number.`,
        EACCES: `Port ${port} needs more rights. Set PORT to a number above 1023.`,
        EADDRNOTAVAIL: `This machine has no address ${host}. Set HOST to one that it has.`,
      };
      reject(new ListenError(reasons[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`));
    });
    server.listen(port, host, () => resolve());
  });
}

/** Takes no more requests, and gives those under way five seconds. */
export async function stopServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5_000))]);
  server.closeAllConnections();
}
