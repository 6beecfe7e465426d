// A mail as nodemailer's connection takes it: as a stream, which leaves in one piece, and only when it may.
import { EventEmitter } from 'node:events';
import type { Readable, Transform } from 'node:stream';
import type { Mail } from '../outcome';

const LINE_END = Buffer.from('\r\n');
const END = Buffer.from('.\r\n');

/** Knows whether any of it has left. */
export class Body extends EventEmitter {
  begun = false;
  /** The caller did not allow it to leave. */
  held: unknown;
  private destroyed = false;

  constructor(private readonly mail: Mail) {
    super();
  }

  /** As the connection's type has it: it uses no more of a stream than this class has. */
  get stream(): Readable {
    return this as unknown as Readable;
  }

  /** The connection calls this when the server waits for the mail. `lines`: what escapes dots on its way to the server. */
  pipe(lines: Transform): void {
    const allowed = this.mail.onHanding?.();
    if (!allowed) return this.leave(lines);
    allowed.then(
      () => this.leave(lines),
      (error: unknown) => {
        this.held = error;
        if (this.destroyed) return;
        const why = error instanceof Error ? error : new Error('It could not be recorded that the mail leaves.');
        this.emit('error', why);
      },
    );
  }

  destroy(): void {
    this.destroyed = true;
  }

  private leave(lines: Transform): void {
    if (this.destroyed) return;
    this.begun = true;
    const { raw, isDotless } = this.mail;
    if (!isDotless && hasDots(raw)) return void lines.end(raw);
    // Nothing is to be escaped, so it need not be read byte by byte.
    lines.push(Buffer.concat(raw.subarray(-2).equals(LINE_END) ? [raw, END] : [raw, LINE_END, END]));
    lines.push(null);
  }
}

/** Also after a line end that is none, and for the first line. */
const hasDots = (raw: Buffer): boolean => raw[0] === 46 || raw.includes('\n.') || raw.includes('\r.');
