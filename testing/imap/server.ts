// A mail server by IMAP for tests, with one folder: as much of RFC 9051 as a client needs to read it and to delete from it.
import net from 'node:net';
import tls from 'node:tls';
import { CERTIFICATE, KEY } from '../smtp/certificate';

export type KeptMail = { uid: number; raw: string };

/** `before`: asked before each command; 'die' closes the connection instead, 'silence' says nothing, another text refuses it with NO. */
export type ImapOptions = {
  password?: string;
  encryption?: 'tls' | 'starttls' | 'none';
  before?: (command: string) => string | undefined;
};

export class ImapPeer {
  readonly commands: string[] = [];
  mails: KeptMail[] = [];
  uidValidity = 7;
  private nextUid = 1;
  private readonly sockets = new Set<net.Socket>();
  private constructor(
    private readonly options: ImapOptions,
    private readonly server: net.Server,
  ) {}

  static async start(options: ImapOptions = {}): Promise<ImapPeer> {
    const server =
      options.encryption === 'tls' ? tls.createServer({ key: KEY, cert: CERTIFICATE }) : net.createServer();
    const peer = new ImapPeer(options, server);
    server.on(options.encryption === 'tls' ? 'secureConnection' : 'connection', (socket: net.Socket) =>
      peer.serve(socket, true),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return peer;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  add(...raws: string[]): number[] {
    return raws.map((raw) => {
      this.mails.push({ uid: this.nextUid, raw });
      return this.nextUid++;
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: net.Socket, greets: boolean): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    if (greets) socket.write('* OK ready\r\n');
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (/ STARTTLS$/i.test(line) && this.options.encryption === 'starttls') {
          socket.off('data', take);
          socket.write(`${line.split(' ')[0]} OK begin\r\n`);
          const secured = new tls.TLSSocket(socket, { isServer: true, key: KEY, cert: CERTIFICATE });
          return this.serve(secured, false);
        }
        this.answer(socket, line);
      }
    };
    socket.on('data', take);
  }

  private answer(socket: net.Socket, line: string): void {
    const [, tag = '*', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    this.commands.push(command);
    const said = this.options.before?.(command);
    if (said === 'die') return void socket.destroy();
    if (said === 'silence') return;
    if (said !== undefined) return void socket.write(`${tag} NO ${said}\r\n`);
    const ok = (lines: string[] = []) => socket.write([...lines, `${tag} OK done`, ''].join('\r\n'), 'latin1');
    if (/^CAPABILITY/i.test(command)) {
      return void ok([`* CAPABILITY IMAP4rev1 UIDPLUS${this.options.encryption === 'starttls' ? ' STARTTLS' : ''}`]);
    }
    if (/^LOGIN/i.test(command)) {
      const right = command.includes(this.options.password ?? 'secret');
      return void (right ? ok() : socket.write(`${tag} NO [AUTHENTICATIONFAILED] Wrong password\r\n`));
    }
    const folder = /^(?:SELECT|EXAMINE) "?([^"]+)"?/i.exec(command)?.[1];
    if (folder !== undefined && folder.toUpperCase() !== 'INBOX') {
      return void socket.write(`${tag} NO [NONEXISTENT] There is no such folder\r\n`);
    }
    if (folder !== undefined) {
      const lines = [
        `* ${this.mails.length} EXISTS`,
        `* OK [UIDVALIDITY ${this.uidValidity}] valid`,
        `* OK [UIDNEXT ${this.nextUid}] next`,
      ];
      return void ok(['* FLAGS (\\Seen \\Deleted)', '* OK [PERMANENTFLAGS (\\Seen \\Deleted)] may change', ...lines]);
    }
    if (/^LIST/i.test(command)) return void ok(['* LIST () "/" INBOX']);
    const from = /^UID SEARCH .*?UID (\d+):\*/i.exec(command)?.[1];
    if (from !== undefined) {
      const found = this.mails.filter(({ uid }) => uid >= Number(from));
      const last = found.length > 0 ? found : this.mails.slice(-1);
      return void ok([`* SEARCH ${last.map(({ uid }) => uid).join(' ')}`.trimEnd()]);
    }
    const set = /^UID (FETCH|STORE|EXPUNGE) (\S+)/i.exec(command);
    if (set) {
      const of = this.mails.filter(({ uid }) => isIn(set[2]!, uid));
      if (/FETCH/i.test(set[1]!)) return void this.fetched(socket, tag, command, of);
      if (/EXPUNGE/i.test(set[1]!)) this.mails = this.mails.filter((mail) => !of.includes(mail));
      return void ok();
    }
    if (/^LOGOUT/i.test(command)) {
      ok(['* BYE']);
      return void socket.end();
    }
    ok();
  }

  private fetched(socket: net.Socket, tag: string, command: string, mails: KeptMail[]): void {
    const most = Number(/BODY\.PEEK\[\]<0\.(\d+)>/i.exec(command)?.[1] ?? Number.POSITIVE_INFINITY);
    const marked = command.includes('BODY.PEEK[]<0');
    for (const mail of mails) {
      const bytes = Buffer.from(mail.raw, 'utf8').subarray(0, Number.isFinite(most) ? most : undefined);
      socket.write(
        `* ${this.mails.indexOf(mail) + 1} FETCH (UID ${mail.uid} INTERNALDATE "27-Nov-2026 08:00:00 +0000" BODY[]${marked ? '<0>' : ''} {${bytes.length}}\r\n`,
      );
      socket.write(bytes);
      socket.write(')\r\n');
    }
    socket.write(`${tag} OK done\r\n`);
  }
}

const isIn = (set: string, uid: number): boolean =>
  set.split(',').some((part) => {
    const [from, to = from] = part.split(':').map(Number);
    return uid >= from! && uid <= to!;
  });
