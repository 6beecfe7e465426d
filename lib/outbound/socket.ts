// Connections to hosts that people enter, for protocols other than HTTP. As in request.ts, a name is resolved once, and the
// connection uses the addresses that were checked.
import dns from 'node:dns';
import net, { type LookupFunction } from 'node:net';
import { placeOf, PRIVATE } from './place';
import { asCallError, CallError, WORDS } from './request';

export type SocketOptions = {
  /** Whether what is sent will be encrypted. Unencrypted connections lead only to addresses that the operator allows. */
  encrypted: boolean;
  connectMs: number;
  signal?: AbortSignal;
};

const UNENCRYPTED =
  'Without encryption, the password and the mails could be read on the way. Choose TLS or STARTTLS, or ask whoever runs Tagwell to allow this address.';

/** Why an address may not be connected to, or null. */
function problemOf(address: string, encrypted: boolean): string | null {
  const place = placeOf(address);
  if (place === 'private') return PRIVATE;
  return encrypted || place === 'allowed' ? null : UNENCRYPTED;
}

/** Resolves a name once. All of its addresses must be allowed. */
const checkedLookup =
  (encrypted: boolean): LookupFunction =>
  (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const problem = addresses.map(({ address }) => problemOf(address, encrypted)).find((item) => item !== null);
      const [first] = addresses;
      if (problem || !first) {
        return callback(new CallError(problem ? 'address' : 'failed', problem ?? WORDS.ENOTFOUND), []);
      }
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };

/** Connects, or rejects with a `CallError` in words for a person. */
export async function openSocket(
  host: string,
  port: number,
  { encrypted, connectMs, signal }: SocketOptions,
): Promise<net.Socket> {
  const problem = net.isIP(host) ? problemOf(host, encrypted) : null;
  if (problem) throw new CallError('address', problem);
  const socket = net.connect({ host, port, lookup: checkedLookup(encrypted), noDelay: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new CallError('timeout', `There was no answer within ${connectMs / 1_000} seconds.`)),
        connectMs,
      );
      const abort = () => reject(new CallError('cancelled', 'The connection was cancelled.'));
      const settle = (act: () => void) => () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        act();
      };
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
      socket.once('connect', settle(resolve));
      socket.once('error', (error) => settle(() => reject(errorOf(error)))());
    });
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  }
}

/** Where several addresses were tried, the error of the first one speaks for all. */
const errorOf = (error: Error): CallError =>
  asCallError(error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error);
