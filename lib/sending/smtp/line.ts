// One connection to a mail server, on nodemailer's own: connects, signs in, and hands over one mail after the other.
import type { ConnectionOptions } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { SMTP } from '@/lib/config/limits';
import { CallError, WORDS } from '@/lib/outbound/request';
import { openSocket } from '@/lib/outbound/socket';
import type { Mail, Outcome } from '../outcome';
import { Body } from './body';
import { meaningOf, printable, readReply, smtpError, stepOf, type SmtpError } from './reply';

/**
 * `tls`: encrypted from the start (port 465). `starttls`: encrypted before anything is sent (port 587), or not used at all. `none`: only to
 * addresses that the operator allows.
 */
export type Encryption = 'tls' | 'starttls' | 'none';

/** `ehloName`: what the server is told we are called. */
export type SmtpServer = {
  host: string;
  port: number;
  encryption: Encryption;
  ehloName: string;
  login: { user: string; password: string } | null;
};

/** Milliseconds. `tls`: further certificates, for tests. */
export type LineOptions = {
  connectMs: number;
  replyMs: number;
  resetMs: number;
  mailMs: number;
  tls?: ConnectionOptions;
  signal?: AbortSignal;
};

export const LINE_OPTIONS: LineOptions = {
  connectMs: SMTP.connectMs,
  replyMs: SMTP.replyMs,
  resetMs: SMTP.resetMs,
  mailMs: SMTP.mailMs,
};

/** Why there is no connection. `outcome`: what it means for a mail that waited for it. */
export class NoLine extends Error {
  constructor(readonly outcome: Outcome) {
    super(outcome.text);
  }
}

/** A connection that is ready to take mails. */
export class Line {
  /** Mails that were tried on it. */
  used = 0;
  private gone = false;

  private constructor(
    private readonly connection: SMTPConnection,
    private readonly takesUtf8: boolean,
    private readonly options: LineOptions,
  ) {
    connection.on('error', () => (this.gone = true));
    connection.on('end', () => {
      this.gone = true;
      this.onEnd?.();
    });
  }

  /** Called when the server, or we, have closed it. */
  onEnd: (() => void) | undefined;

  /** Whether it may take another mail. */
  get open(): boolean {
    return !this.gone && !this.connection.destroyed;
  }

  /** Connects and signs in. Throws `NoLine`. */
  static async open(server: SmtpServer, options: LineOptions): Promise<Line> {
    const { host, port, encryption, ehloName, login } = server;
    const socket = await openSocket(host, port, {
      encrypted: encryption !== 'none',
      connectMs: options.connectMs,
      signal: options.signal,
    }).catch((error: unknown) => {
      throw new NoLine(noConnection(error));
    });
    const connection = new SMTPConnection({
      host,
      port,
      connection: socket,
      name: ehloName,
      secure: encryption === 'tls',
      requireTLS: encryption === 'starttls',
      ignoreTLS: encryption === 'none',
      greetingTimeout: options.connectMs,
      connectionTimeout: 2 * options.connectMs,
      socketTimeout: options.replyMs,
      maxResponseSize: SMTP.replyBytes,
      tls: { minVersion: 'TLSv1.2', ...options.tls },
    });
    try {
      const welcome = await greeted(connection);
      const line = new Line(connection, /[ -]SMTPUTF8\b/im.test(welcome), options);
      if (login) await signedIn(connection, login);
      return line;
    } catch (error) {
      connection.on('error', () => undefined);
      connection.close();
      const parts = smtpError(error);
      const securing = encryption !== 'none' && (connection.upgrading === true || parts.code === 'ETLS');
      throw new NoLine(refusedLine(parts, securing));
    }
  }

  /** Hands a mail over. Afterwards `open` says whether the connection can take another. */
  async send(mail: Mail): Promise<Outcome> {
    this.used++;
    const { from, to } = mail.envelope;
    if (!this.takesUtf8 && !(isAscii(from) && isAscii(to))) return UNREACHABLE;
    const body = new Body(mail);
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => {
        resolve(ofMail(TOO_LONG, body));
        // Nothing of it leaves any more.
        body.destroy();
        this.close();
      }, this.options.mailMs);
      this.connection.send({ from, to: [to], size: mail.raw.length }, body.stream, (error, info) => {
        if (!error) resolve(meaningOf(readReply(info?.response ?? '') ?? NO_WORDS, 'body'));
        else resolve(ofMail(smtpError(error), body));
      });
    });
    clearTimeout(timer);
    const settled = outcome.kind === 'sent' || (outcome.code !== null && (await this.reset()));
    if (!settled) this.close();
    return outcome;
  }

  /** After a refusal the server must forget the mail; one that does not say so is in an unknown state. */
  private async reset(): Promise<boolean> {
    if (!this.open) return false;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), this.options.resetMs);
      const settle = (done: boolean) => {
        clearTimeout(timer);
        this.connection.removeListener('end', ended);
        resolve(done);
      };
      const ended = () => settle(false);
      this.connection.once('end', ended);
      this.connection.reset((error) => settle(!error));
    });
  }

  /** Says goodbye to the server. */
  quit(): void {
    if (this.open) this.connection.quit();
    this.gone = true;
  }

  close(): void {
    this.gone = true;
    this.connection.close();
  }
}

const TOO_LONG = smtpError(Object.assign(new Error('The server took too long over a mail.'), { code: 'ETIMEDOUT' }));
const NO_WORDS = { code: 250, status: null, text: '' };
const UNREACHABLE: Outcome = {
  kind: 'refused',
  why: 'unreachable',
  code: null,
  status: null,
  text: 'This mail server cannot write to addresses with letters outside of ASCII before the @ (it has no SMTPUTF8).',
};

const isAscii = (text: string): boolean => /^\p{ASCII}*$/u.test(text);

/** What an error means for a mail. */
function ofMail(error: SmtpError, body: Body): Outcome {
  const reply = readReply(error.response);
  if (reply) return meaningOf(reply, replyStep(error, body));
  const answer = { code: null, status: null };
  if (body.begun) {
    const text = 'The connection ended after the mail had left and before the server answered.';
    return { kind: 'unknown', ...answer, text };
  }
  if (error.code === 'EENVELOPE')
    return { kind: 'refused', why: 'address', ...answer, text: 'This is not an address.' };
  if (error.code === 'EMESSAGE') {
    const text = `The mail is larger than the server takes. ${printable(error.message)}`;
    return { kind: 'refused', why: 'message', ...answer, text };
  }
  const text =
    body.held === undefined
      ? 'The connection ended before the mail was handed over.'
      : 'The mail was held back: it could not be recorded that it leaves.';
  return { kind: 'deferred', why: 'connection', ...answer, text };
}

/** A server that ends the session in the middle (421) answers no command of ours: then it depends on what has left. */
const replyStep = (error: SmtpError, body: Body) =>
  error.command === 'CONN' && body.begun ? 'body' : error.command === 'CONN' ? 'data' : stepOf(error);

/** The server's greeting and what it can do. */
function greeted(connection: SMTPConnection): Promise<string> {
  return new Promise((resolve, reject) => {
    connection.once('error', reject);
    connection.connect((error) => {
      connection.removeListener('error', reject);
      if (error) reject(error);
      else resolve(connection.lastServerResponse || '');
    });
  });
}

function signedIn(connection: SMTPConnection, { user, password }: { user: string; password: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(Object.assign(new Error('The connection was closed.'), { code: 'ECONNECTION' }));
    connection.once('end', ended);
    connection.login({ user, pass: password }, (error) => {
      connection.removeListener('end', ended);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Failures of the connection itself, before the server has said anything. */
function noConnection(error: unknown): Outcome {
  const text = error instanceof CallError ? error.message : 'The connection failed.';
  return { kind: 'senderFault', why: 'connection', code: null, status: null, text };
}

/** Failures after connecting: greeting, encryption, signing in. */
function refusedLine(error: SmtpError, securing: boolean): Outcome {
  const reply = readReply(error.response);
  const none = { code: null, status: null };
  if (securing) {
    const text = reply
      ? `The server does not offer encryption by STARTTLS here. It says: ${reply.text}`
      : `The encrypted connection could not be made. ${encryptionWords(error)}`;
    return { kind: 'senderFault', why: 'encryption', code: reply?.code ?? null, status: reply?.status ?? null, text };
  }
  if (reply) return meaningOf(reply, stepOf(error));
  if (error.code === 'EAUTH') {
    const text = 'The server offers no way to sign in that Tagwell knows (PLAIN, LOGIN or CRAM-MD5).';
    return { kind: 'senderFault', why: 'credentials', ...none, text };
  }
  const text = error.code === 'ETIMEDOUT' ? 'The server did not answer in time.' : 'The server closed the connection.';
  return { kind: 'senderFault', why: 'connection', ...none, text };
}

function encryptionWords({ originalCode, code, message }: SmtpError): string {
  if (originalCode === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'Its certificate is for another name than this host.';
  if (originalCode in WORDS && originalCode !== 'ECONNRESET') return WORDS[originalCode as keyof typeof WORDS];
  if (/wrong version number|packet length too long/i.test(message)) {
    return 'This port does not begin with TLS: choose STARTTLS, or the port for TLS (usually 465).';
  }
  if (code === 'ETIMEDOUT') return 'The server did not answer: port 465 is usually for TLS, port 587 for STARTTLS.';
  return printable(message.replace(/^Error initiating TLS - /, ''));
}
