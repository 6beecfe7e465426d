// Where this installation is reached, for links that leave it. Never from a request: whoever sends one chooses its Host.
import { environment } from './environment';

/** The address that people open, without a slash at its end. The server sets NEXTAUTH_URL where TAGWELL_URL is not set. */
export const installationAddress = (): string =>
  (environment().TAGWELL_URL ?? process.env.NEXTAUTH_URL ?? 'http://localhost:3000').replace(/\/+$/, '');

/** Whether links to it work on this machine only. */
export const isOnThisMachine = (address: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);
