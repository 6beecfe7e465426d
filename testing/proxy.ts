// A proxy to the test's database that can be cut, as if the database died: connections break, and new ones are refused.
import { once } from 'node:events';
import net from 'node:net';
import pg from 'pg';
import { closePool, connectionOptions } from '@/lib/db/pool';

export class DatabaseProxy {
  private readonly open = new Set<net.Socket>();
  private server = net.createServer();
  private port = 0;

  /** Bypasses the proxy, to observe while the database is down. */
  readonly direct: pg.Pool;

  private constructor(private readonly url: string) {
    this.direct = new pg.Pool({ ...connectionOptions(url), max: 1 });
  }

  /** Routes this process's connections through a proxy until `close`. */
  static async open(): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(process.env.DATABASE_URL!);
    await proxy.restore();
    const url = new URL(proxy.url);
    url.host = `127.0.0.1:${proxy.port}`;
    await closePool();
    process.env.DATABASE_URL = url.href;
    return proxy;
  }

  /** Makes the database unreachable. */
  cut(): void {
    this.server.close();
    for (const socket of this.open) socket.destroy();
  }

  /** Makes the database reachable again, at the same address. */
  async restore(): Promise<void> {
    const { hostname, port } = new URL(this.url);
    this.server = net.createServer((client) => {
      const database = net.connect(Number(port), hostname);
      for (const [socket, other] of [
        [client, database],
        [database, client],
      ] as const) {
        this.open.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          this.open.delete(socket);
          other.destroy();
        });
      }
      client.pipe(database).pipe(client);
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    await closePool();
    process.env.DATABASE_URL = this.url;
    this.cut();
    await this.direct.end();
  }
}
