// Webhooks of made-up CRMs: sending them, and a receiver for tests.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Delivery } from '@/lib/integrations/connector';

/** Deliveries that are under way. The sender does not try again, and does not mind failures. */
export class Deliveries {
  readonly #sent = new Set<Promise<void>>();

  post(url: string, body: string, headers: Record<string, string> = {}): void {
    const sent: Promise<void> = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
      .then(async (response) => void (await response.arrayBuffer()))
      .catch(() => undefined)
      .finally(() => this.#sent.delete(sent));
    this.#sent.add(sent);
  }

  /** Waits until all have arrived, or failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#sent);
  }
}

export type Receiver = {
  /** What to register. */
  address: string;
  received: Required<Delivery>[];
  stop: () => Promise<void>;
};

/** Takes deliveries as Tagwell would: `path` is what follows the registered address. */
export async function startReceiver(): Promise<Receiver> {
  const received: Required<Delivery>[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      const path = (request.url ?? '').replace(/^\/hook\/?/, '');
      received.push({ headers: request.headers as Record<string, string>, body, path });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
