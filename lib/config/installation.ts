// Where this installation is reached, for links that leave it. Never from a request: whoever sends one chooses its Host.
import ipaddr from 'ipaddr.js';
import { environment } from './environment';

/** The address that people open, without a slash at its end. The server sets NEXTAUTH_URL where TAGWELL_URL is not set. */
export const installationAddress = (): string =>
  (environment().TAGWELL_URL ?? process.env.NEXTAUTH_URL ?? 'http://localhost:3000').replace(/\/+$/, '');

/** Whether links to it work on this machine only. */
export const isOnThisMachine = (address: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);

const LOCAL_NAME = /^(localhost|[^.]+)$|\.(localhost|local|internal|lan|home\.arpa)$/i;

/** Whether an origin is surely out of reach from the internet: a name or an address of this machine or of a private network. */
export function isLocalOrigin(origin: string): boolean {
  const host = new URL(origin).hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(host) ? ipaddr.process(host).range() !== 'unicast' : LOCAL_NAME.test(host);
}
