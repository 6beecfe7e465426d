// Keep-alive connections at minimal cost, so that the processor is free for what is measured: a request is a constant
// text, and only the status and length of an answer are read.
import net from 'node:net';

type Waiting = { text: string; status: number; resolve: () => void; reject: (error: Error) => void };

export class Connections {
  private readonly free: Connection[] = [];
  private readonly all: Connection[] = [];
  private readonly queue: Waiting[] = [];

  static async open(address: string, count: number): Promise<Connections> {
    const connections = new Connections();
    for (let index = 0; index < count; index++) {
      const connection = await Connection.open(address, (freed) => connections.next(freed));
      connections.all.push(connection);
      connections.free.push(connection);
    }
    return connections;
  }

  /** Sends a request on the next free connection; rejects if the answer has another status. */
  send(text: string, status: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { text, status, resolve, reject };
      // Round robin, because the server closes connections that are idle for long.
      const connection = this.free.shift();
      if (connection) connection.send(waiting);
      else this.queue.push(waiting);
    });
  }

  close(): void {
    for (const connection of this.all) connection.close();
  }

  private next(freed: Connection): void {
    const waiting = this.queue.shift();
    if (waiting) freed.send(waiting);
    else this.free.push(freed);
  }
}

class Connection {
  private current: Waiting | undefined;
  private received = '';
  private closing = false;

  private constructor(
    private readonly socket: net.Socket,
    private readonly freed: (connection: Connection) => void,
  ) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => this.take(part));
    socket.on('close', () => {
      if (this.closing) return;
      throw new Error('The API closed a connection.');
    });
  }

  static open(address: string, freed: (connection: Connection) => void): Promise<Connection> {
    const { hostname, port } = new URL(address);
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: hostname, port: Number(port) }, () => resolve(new Connection(socket, freed)));
      socket.once('error', reject);
    });
  }

  send(waiting: Waiting): void {
    this.current = waiting;
    this.received = '';
    this.socket.write(waiting.text);
  }

  close(): void {
    this.closing = true;
    this.socket.destroy();
  }

  private take(part: string): void {
    this.received += part;
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0 || !this.current) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.received)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    const { status, resolve, reject } = this.current;
    const answered = Number(this.received.slice(9, 12));
    this.current = undefined;
    if (answered === status) resolve();
    else reject(new Error(`The API answered ${this.received}`));
    this.freed(this);
  }
}
