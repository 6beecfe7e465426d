// A mailbox by IMAP, on imapflow: opened through addresses that were checked, read from where it was left, and changed only if it is to be.
import tls, { type ConnectionOptions } from 'node:tls';
import type net from 'node:net';
import { ImapFlow, type ImapTransport } from 'imapflow';
import { BOUNCE_MAILBOX } from '@/lib/config/limits';
import { CallError, WORDS } from '@/lib/outbound/request';
import { openSocket } from '@/lib/outbound/socket';
import { printable } from '@/lib/sending/smtp/reply';
import type { MailboxSettings } from './schema';

export type ImapServer = Omit<MailboxSettings, 'remove'> & { password: string };

/** Milliseconds. `tls`: further certificates, for tests. */
export type ImapOptions = { connectMs?: number; answerMs?: number; tls?: ConnectionOptions; signal?: AbortSignal };

/** Why a mailbox cannot be read, in words for a person. `field`: of the form. */
export class NoMailbox extends Error {
  constructor(
    message: string,
    readonly field: 'host' | 'encryption' | 'user' | 'folder',
  ) {
    super(message);
  }
}

/** A mail, or its beginning. `raw`: null if the server has none. */
export type FetchedMail = { uid: number; at: Date; raw: Buffer | null };

/** An open folder. */
export class OpenMailbox {
  private constructor(
    private readonly client: ImapFlow,
    readonly uidValidity: number,
  ) {}

  /** Connects, signs in and opens the folder. Throws `NoMailbox`. */
  static async open(server: ImapServer, options: ImapOptions = {}): Promise<OpenMailbox> {
    const { host, port, encryption, user, password, folder } = server;
    const { connectMs = BOUNCE_MAILBOX.connectMs, answerMs = BOUNCE_MAILBOX.answerMs, signal } = options;
    const socket = await openSocket(host, port, { encrypted: encryption !== 'none', connectMs, signal }).catch(
      (error: unknown) => {
        throw new NoMailbox(error instanceof CallError ? error.message : 'The connection failed.', 'host');
      },
    );
    const client = new ImapFlow({
      host,
      port,
      secure: encryption === 'tls',
      doSTARTTLS: encryption === 'tls' ? undefined : encryption === 'starttls',
      auth: { user, pass: password },
      transport: over(socket),
      tls: { minVersion: 'TLSv1.2', ...options.tls },
      logger: false,
      disableAutoIdle: true,
      disableCompression: true,
      clientInfo: { name: 'Tagwell' },
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: answerMs,
      maxLiteralSize: 2 * BOUNCE_MAILBOX.mailBytes,
    });
    // What fails is told by the call that waits for it.
    client.on('error', () => undefined);
    const close = () => client.close();
    signal?.addEventListener('abort', close, { once: true });
    client.once('close', () => signal?.removeEventListener('abort', close));
    try {
      await client.connect();
    } catch (error) {
      client.close();
      throw noSession(error, encryption);
    }
    try {
      const { uidValidity } = await client.mailboxOpen(folder, { readOnly: false });
      return new OpenMailbox(client, Number(uidValidity));
    } catch (error) {
      client.close();
      throw noFolder(error, folder);
    }
  }

  /** The UIDs of mails after one, in their order. */
  async after(uid: number): Promise<number[]> {
    const found = await this.client.search({ uid: `${uid + 1}:*` }, { uid: true });
    // 'n:*' names the last mail even if it is before n.
    return (found || []).filter((each) => each > uid).sort((one, other) => one - other);
  }

  /** Mails by UID, each with its first bytes only if it is large. Reading does not mark them as read. */
  async fetch(uids: readonly number[]): Promise<FetchedMail[]> {
    const fetched: FetchedMail[] = [];
    const wanted = { uid: true, internalDate: true, source: { maxLength: BOUNCE_MAILBOX.mailBytes } };
    for await (const { uid, internalDate, source } of this.client.fetch(uids.join(','), wanted, { uid: true })) {
      const at = new Date(internalDate ?? Date.now());
      fetched.push({
        uid,
        at: Number.isNaN(at.getTime()) || at.getTime() > Date.now() ? new Date() : at,
        raw: source ?? null,
      });
    }
    return fetched;
  }

  /** Deletes mails for good. */
  async remove(uids: readonly number[]): Promise<void> {
    const isDone = await this.client.messageDelete(uids.join(','), { uid: true });
    if (!isDone) throw new Error('The mails that were read could not be deleted.');
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    await this.client.logout().catch(() => this.client.close());
  }
}

/** The connection that was checked, encrypted where it is to be. */
function over(socket: net.Socket): ImapTransport {
  const secured = (options: { servername?: string; tls?: ConnectionOptions }, ready: () => void) =>
    tls.connect({ ...options.tls, servername: options.servername, socket }, ready);
  return {
    connect: ({ secure, ...options }, ready) => {
      if (secure) return secured(options, ready);
      setImmediate(ready);
      return socket;
    },
    upgrade: (_socket, options, ready) => secured(options, ready),
  };
}

type Parts = { code: string; message: string; text: string; refused: boolean; byTls: boolean };

function partsOf(error: unknown): Parts {
  const given = (error ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof given[name] === 'string' ? given[name] : '');
  return {
    code: text('code'),
    message: error instanceof Error ? error.message : '',
    text: printable(text('responseText') || (typeof given['response'] === 'string' ? given['response'] : '')),
    refused: given['authenticationFailed'] === true,
    byTls: given['tlsFailed'] === true,
  };
}

function noSession(error: unknown, encryption: ImapServer['encryption']): NoMailbox {
  const { code, message, text, refused, byTls } = partsOf(error);
  if (refused) {
    return new NoMailbox(
      `The server refused the user name or the password. ${text && `It says: ${text}`}`.trim(),
      'user',
    );
  }
  if (byTls) return new NoMailbox('The server does not offer encryption by STARTTLS here.', 'encryption');
  if (code === 'GREETING_TIMEOUT' || code === 'CONNECT_TIMEOUT' || code === 'UPGRADE_TIMEOUT') {
    const words = 'The server did not answer: port 993 is usually for TLS, port 143 for STARTTLS.';
    return new NoMailbox(words, encryption === 'none' ? 'host' : 'encryption');
  }
  if (/wrong version number|packet length too long/i.test(message)) {
    const words = 'This port does not begin with TLS: choose STARTTLS, or the port for TLS (usually 993).';
    return new NoMailbox(words, 'encryption');
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new NoMailbox('Its certificate is for another name than this host.', 'host');
  }
  if (code in WORDS) return new NoMailbox(WORDS[code as keyof typeof WORDS], 'host');
  return new NoMailbox(`The server does not let us in. ${printable(text || message)}`, 'host');
}

function noFolder(error: unknown, folder: string): NoMailbox {
  const { text, message } = partsOf(error);
  return new NoMailbox(`The folder “${folder}” cannot be opened. ${printable(text || message)}`, 'folder');
}

/** Why reading has stopped in the middle, in words. */
export function inWords(error: unknown): string {
  if (error instanceof NoMailbox) return error.message;
  const { code, message, text } = partsOf(error);
  if (code in WORDS) return WORDS[code as keyof typeof WORDS];
  if (code === 'ETIMEOUT') return 'The server did not answer in time.';
  if (code === 'NoConnection' || code === 'EConnectionClosed') return 'The connection was closed.';
  return printable(text === '' ? message : `The server says: ${text}`);
}
