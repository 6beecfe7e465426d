// What becomes of a mail, or an SMS, that is handed over, whoever takes it.

/** A mail as it goes over the wire. One recipient: what becomes of each is known by itself. */
export type Mail = {
  envelope: { from: string; to: string };
  /** Complete, with CRLF line ends. */
  raw: Buffer;
  /** No line of it begins with a dot: it can leave as it is. */
  isDotless?: true;
  /** It has a link that lets somebody in: wherever it is kept, only Account Owners may read it. */
  letsIn?: boolean;
  /** It is of a marketing message: wherever it is kept, everyone who works in its section may read it. Others are for Admins. */
  forEveryone?: boolean;
  /**
   * Called once, before the first byte of the mail may leave; nothing leaves until it has resolved, nor if it rejects. Whoever must know after a crash that the mail was
   * perhaps sent, records it here.
   */
  onHanding?: () => Promise<void> | void;
};

type Answer = {
  /** The reply code of the server, such as 550; null: there was no reply. */
  code: number | null;
  /** Its enhanced status (RFC 3463), such as 5.1.1. */
  status: string | null;
  /** What it said, or what happened, in words for a person. */
  text: string;
};

/**
 * - `sent`: the server has taken it.
 * - `deferred`: not taken; it may be later. `pace`: the server asks for less, which is no fault of the mail. `connection`: it was lost before
 *   anything left. `recipient`: the server said so about this mail.
 * - `refused`: not taken, for good. `address`: there is no such mailbox. `full`: it is full. `policy`, `message`: about what was sent or who
 *   sent it, so it says nothing against the recipient. `unreachable`: the server cannot write to such an address. `optedOut`: the person has told
 *   the provider of SMS to stop.
 * - `senderFault`: nothing was taken, and no other mail would be: the connection, the credentials or the permission of the sender.
 * - `unknown`: the mail, or a part of it, has left, and there was no answer.
 */
export type Outcome = Answer &
  (
    | { kind: 'sent' }
    | { kind: 'deferred'; why: 'recipient' | 'pace' | 'connection'; retryAfterMs?: number }
    | { kind: 'refused'; why: 'address' | 'full' | 'policy' | 'message' | 'unreachable' | 'optedOut' }
    | { kind: 'senderFault'; why: 'connection' | 'encryption' | 'credentials' | 'permission'; retryAfterMs?: number }
    | { kind: 'unknown' }
  );

/** Takes mails one by one, several at once if it can. */
export type Transport = {
  /** Hands a mail over. Never throws because of the receiver. */
  deliver: (mail: Mail) => Promise<Outcome>;
  /** Lets what is under way end, for `graceMs` at most, and closes all connections. */
  close: (graceMs?: number) => Promise<void>;
};
