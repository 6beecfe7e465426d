// Calls to external addresses: whatever the receiver does, the call ends with a readable outcome.
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call as callExactly, post } from './request';

let receiver: net.Server;
let url: string;
/** How the receiver treats a connection once the request has arrived. */
let behave: (socket: net.Socket) => void;
const sockets = new Set<net.Socket>();

beforeEach(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  receiver = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => behave(socket));
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as net.AddressInfo).port}/`;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  receiver.close();
});

const SILENT = /no answer within/;
/** A short timeout for receivers that stay silent; a generous one for all others, for busy machines. */
const call = (words?: RegExp) => post(url, {}, '{}', { timeoutMs: words === SILENT ? 150 : 10_000 });

describe('a receiver', () => {
  it.each<[string, (socket: net.Socket) => void, RegExp]>([
    [
      'that switches protocols',
      (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
      /answered 101/,
    ],
    ['that closes the connection without a response', (socket) => socket.end(), /was closed/],
    ['that resets the connection', (socket) => socket.resetAndDestroy(), /was closed/],
    ['that stays silent', () => undefined, SILENT],
    [
      'that starts a response and stops',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
      SILENT,
    ],
    [
      'that truncates its response',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
      /was closed/,
    ],
    ['that stops in its headers', (socket) => socket.write('HTTP/1.1 200 OK\r\nX-More: '), SILENT],
    [
      'that sends informational responses for ever',
      (socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 5);
        socket.on('close', () => clearInterval(timer));
      },
      SILENT,
    ],
    ['that does not speak HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), /failed/],
  ])('%s ends the call with a readable reason', async (_what, answer, words) => {
    behave = answer;
    expect(await call(words)).toMatchObject({ error: expect.stringMatching(words) as string });
  });

  it('that answers endlessly is read up to the limit', async () => {
    behave = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const timer = setInterval(() => socket.write('x'.repeat(500)), 1);
      socket.on('close', () => clearInterval(timer));
    };
    expect(await post(url, {}, '{}')).toMatchObject({ status: 200, answer: 'x'.repeat(1_000) });
  });

  it('is disconnected at once when the call is aborted', async () => {
    const giveUp = new AbortController();
    behave = () => giveUp.abort();
    expect(await post(url, {}, '{}', { signal: giveUp.signal })).toMatchObject({ error: 'The call was cancelled.' });
    expect(await post(url, {}, '{}', { signal: giveUp.signal })).toMatchObject({ error: 'The call was cancelled.' });
  });
});

describe('a failed call', () => {
  const limits = { connectMs: 5_000, timeoutMs: 5_000, answerChars: 100, longer: 'cut' } as const;

  it('tells whether the request may have arrived', async () => {
    behave = (socket) => socket.destroy();
    await expect(callExactly(url, { method: 'POST', headers: {}, body: 'x' }, limits)).rejects.toMatchObject({
      mayHaveArrived: true,
    });
    await expect(
      callExactly('http://127.0.0.1:1/', { method: 'POST', headers: {}, body: 'x' }, limits),
    ).rejects.toMatchObject({ mayHaveArrived: false });
  });
});
