// A mail server for tests that says what it is told to, at the moment that it is told to.
import net from 'node:net';

/** Closes the connection; says nothing; begins a reply, and goes on with it for ever. */
export const DIE = Symbol('die');
export const SILENCE = Symbol('silence');
export const DRIP = Symbol('drip');

/** What is said instead of the usual reply. */
export type Say = string | typeof DIE | typeof SILENCE | typeof DRIP | undefined;

/** What came in: commands, and the mails between DATA and the dot, without it. */
export type Heard = { commands: string[]; mails: string[] };

/**
 * `reply`: asked before each reply, with the command (such as 'RCPT TO:<a@b>'), or 'CONNECT', 'BODY' (the first bytes of a mail are here) and '.'
 * (a mail has ended). `wait`: what is awaited before the reply is written. `hello`: the lines after EHLO.
 */
export type SinkOptions = {
  reply?: (command: string) => Say;
  wait?: (command: string) => Promise<unknown> | undefined;
  hello?: string[];
};

export type Sink = { port: number; heard: Heard; connections: () => number; close: () => Promise<void> };

const USUAL: [RegExp, string][] = [
  [/^CONNECT/, '220 sink ready'],
  [/^AUTH/i, '235 2.7.0 welcome'],
  [/^DATA/i, '354 go on'],
  [/^STARTTLS/i, '502 5.5.1 no encryption here'],
  [/^QUIT/i, '221 bye'],
];

export async function startSink({
  reply = () => undefined,
  wait = () => undefined,
  hello = [],
}: SinkOptions = {}): Promise<Sink> {
  const heard: Heard = { commands: [], mails: [] };
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let text = '';
    let inMail = false;
    let begun = false;
    const say = (command: string): boolean => {
      const special = reply(command);
      if (special === DIE) {
        socket.destroy();
        return false;
      }
      if (special === DRIP) {
        const drip = setInterval(() => socket.write('250-wait\r\n'), 50);
        socket.on('close', () => clearInterval(drip));
        return true;
      }
      if (special === SILENCE || (command === 'BODY' && special === undefined)) return true;
      const usual = /^EHLO/i.test(command)
        ? ['sink', ...hello].map((line, at) => `250${at === hello.length ? ' ' : '-'}${line}`).join('\r\n')
        : (USUAL.find(([pattern]) => pattern.test(command))?.[1] ?? '250 2.0.0 fine');
      const words = special ?? usual;
      const waiting = wait(command);
      if (waiting) void waiting.then(() => socket.write(`${words}\r\n`));
      else socket.write(`${words}\r\n`);
      if (/^DATA/i.test(command) && words.startsWith('354')) inMail = true;
      if (words.startsWith('421') || /^QUIT/i.test(command)) socket.end();
      return !words.startsWith('421');
    };
    const read = () => {
      for (;;) {
        if (inMail) {
          if (!begun && text.length > 0) {
            begun = true;
            if (!say('BODY')) return;
          }
          const end = text.startsWith('.\r\n') ? 0 : text.indexOf('\r\n.\r\n');
          if (end < 0) return;
          heard.mails.push(text.slice(0, end));
          text = text.slice(text.indexOf('.\r\n', end) + 3);
          inMail = begun = false;
          if (!say('.')) return;
          continue;
        }
        const end = text.indexOf('\r\n');
        if (end < 0) return;
        const command = text.slice(0, end);
        text = text.slice(end + 2);
        heard.commands.push(command);
        if (!say(command)) return;
      }
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      read();
    });
    say('CONNECT');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    heard,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
