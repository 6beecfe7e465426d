// Every limit that keeps one request, person or installation from using up the server, in one place. docs/operations.md lists
// them for operators. Bytes, milliseconds and counts, as the names say; those that operators can set are in environment.ts.

const KB = 1_000;
const MB = 1_048_576;

/** The HTTP server, before the caller is known. */
export const HTTP = {
  /** Open connections of a process. More are closed at once. */
  connections: 2_000,
  /** Open connections of one client address. Trusted proxies have no such limit. */
  connectionsPerAddress: 200,
  /** Requests in progress: of the process, and of one client address. */
  requests: 500,
  requestsPerAddress: 100,
  headerBytes: 16_384,
  headersMs: 20_000,
  /** Keep-alive. Longer than proxies keep an idle connection, so that none sends a request on one that we are closing. */
  keepAliveMs: 65_000,
  /** Inactivity. Longer than the slowest read (see READS) and than a reader of a download may pause. */
  silenceMs: 300_000,
  /** Bodies in memory: of all requests together, and of one client address. */
  bodyBytes: 256 * MB,
  bodyBytesPerAddress: 64 * MB,
  /** The minimum that an upload must deliver in each period; slower ones are closed. */
  uploadPeriodMs: 30_000,
  uploadPeriodBytes: 30 * KB,
  /** Requests with a file: of the process, and of one client address. UPLOADS limits those of known senders. */
  uploads: 40,
  uploadsPerAddress: 10,
  /** How long a stopping process waits for requests in progress. */
  stopMs: 5_000,
} as const;

/** The largest bodies, in bytes. Files have a limit of their own: TAGWELL_MAX_UPLOAD_MB. */
export const BODY = {
  /** What a visitor sends by a form: some long answers, of which a letter may take nine bytes. */
  form: 400 * KB,
  /** Public pages: sign-in, set-up, invitations. */
  signedOut: 100 * KB,
  /** Requests of pages; an import's mapping with its tag names is the largest. next.config.js has the same for server actions. */
  pages: MB,
  /** The first part of a file that is being uploaded, to show its columns. */
  peek: MB,
  api: 100 * KB,
  /** Sets of changes, and lists of keys. */
  apiSets: 500 * KB,
  apiJobs: 5_000 * KB,
  /** A picture of a message: the browser has scaled it. */
  picture: 2 * MB,
  /** What CRMs announce, and mail providers report. */
  hook: 250 * KB,
} as const;

/** Uploads in progress in a process. The bytes that may wait in the database are in environment.ts. */
export const UPLOADS = {
  atOnce: 20,
  /** Of one person or API key. */
  perPerson: 3,
} as const;

/** Heavy reads of a process (lib/access/with-timeout.ts). */
export const READS = {
  atOnce: 8,
  perPerson: 3,
  /** How many of one person may wait. More are refused. */
  waitingPerPerson: 60,
  seconds: 60,
  /** The same for API clients. */
  secondsOfClient: 30,
} as const;

/** Downloads of whole segments or profiles, of a process. Each holds a connection to the database. */
export const DOWNLOADS = {
  atOnce: 6,
  perPerson: 2,
  /** How long a reader may take to ask for the next piece (64,000 characters). */
  idleMs: 60_000,
} as const;

/** Service messages by the API. */
export const SERVICE_MAIL = {
  /** Of an account. */
  perMinute: 6_000,
  /** Of one message to one person. */
  perPersonAndHour: 30,
  /** Characters of a value that a call gives. */
  valueMax: 2_000,
} as const;

/** Webhook messages in transit. */
export const WEBHOOKS = {
  /** Of a process. */
  atOnce: 50,
  /** Of those, to receivers that did not answer last time. */
  atOnceToSilent: 25,
  /** To one webhook; to one that did not answer the last time. */
  perWebhook: 4,
  perSilentWebhook: 1,
  /** The time until a complete answer, whatever the receiver does. */
  timeoutMs: 15_000,
  /** How much of an answer is read, in characters. */
  answerChars: 1_000,
} as const;

/** Calls to CRMs. The vendors' own limits are in the connectors; of those, a share of `pace` is used. */
export const CRM = {
  connectMs: 10_000,
  /** Until a complete answer. */
  timeoutMs: 120_000,
  /** The longest answer, in characters. */
  answerChars: 200 * MB,
  /** Of one call, with the first. Between them a random time up to `backoffMs`, doubled each time, up to `backoffMostMs`. */
  tries: 6,
  backoffMs: 1_000,
  backoffMostMs: 120_000,
  /** The longest `Retry-After` that a run waits for. */
  retryAfterMostMs: 15 * 60_000,
  pace: 0.8,
} as const;

/** The same while a person waits for the test of a connection: a mistyped address is known within seconds. */
export const CRM_TEST = {
  connectMs: 5_000,
  timeoutMs: 15_000,
  tries: 2,
  backoffMs: 500,
  retryAfterMostMs: 5_000,
} as const;

/** Deliveries of CRMs to a process, a minute. */
export const HOOKS = {
  perAddress: 3_000,
  perConnection: 3_000,
} as const;

/** The public preference page, for each minute and process. */
export const PREFERENCES = {
  perAddress: 300,
  perLink: 30,
} as const;

/** Calls of the storage of pictures. */
export const STORAGE = {
  timeoutMs: 15_000,
  /** Pictures that a process keeps, in bytes: mails of one send show the same few. */
  keptBytes: 64 * MB,
} as const;

/** Public forms, for each minute and process, by the network that they are sent from. More submissions are refused; few of them are already a sign of spam. */
export const FORMS = {
  perNetwork: 300,
  challengesPerNetwork: 120,
  confirmationsPerNetwork: 120,
} as const;

/** Calls of SMS providers. Each sender has its own number of them at once. */
export const SMS = {
  connectMs: 15_000,
  /** Until the answer. Who gives up earlier does not know what became of the SMS. */
  answerMs: 60_000,
  /** How long an Admin waits for one. */
  askMs: 15_000,
  answerChars: 20_000,
  /** How long a connection may rest. */
  restMs: 4_000,
  /** Before the next attempt, when a provider does not answer; doubling. */
  backOffMs: 60_000,
  backOffMostMs: 900_000,
  /** When the process stops. */
  graceMs: 20_000,
} as const;

/** Reports of SMS providers, for each minute and process: a million SMS in some hours are reported as fast as they are sent. */
export const SMS_HOOKS = {
  perAddress: 30_000,
  perSender: 30_000,
} as const;

/** Mailboxes that bounces come into. */
export const BOUNCE_MAILBOX = {
  connectMs: 20_000,
  answerMs: 60_000,
  /** How long an Admin waits for an answer. */
  askMs: 15_000,
  /** So much of each mail is read: reports begin with what they say. */
  mailBytes: 256 * KB,
  /** Mails at a time; fewer after they could not be fetched, one in the end, which is set aside if it cannot. */
  batch: 100,
  batchOfDoubt: 10,
  doubtAfter: 2,
  oneAfter: 4,
  asideAfter: 6,
  /** How many mailboxes a process reads at once, how often each, and the longest pause after failures. */
  atOnce: 4,
  everyMs: 60_000,
  pauseMostMs: 15 * 60_000,
  /** Who does not say for so long that it still reads has died. Renewed with each batch. */
  leaseMs: 5 * 60_000,
  /** How long one is read before others have their turn. */
  turnMs: 60_000,
  /** Mails set aside that are kept of each mailbox, and for how many days. */
  aside: 500,
  asideDays: 30,
} as const;

/** Calls about bounces, for each minute and process, and how many events one may bring. */
export const BOUNCE_HOOKS = {
  perAddress: 6_000,
  perSender: 6_000,
  events: 1_000,
  /** How old a signature may be. */
  toleranceMs: 5 * 60_000,
} as const;

/** Connections to mail servers. Each sender has its own number of them. */
export const SMTP = {
  /** Until connected, and until the greeting. */
  connectMs: 30_000,
  /**
   * Until a reply. A server may take ten minutes over a mail that it has received (RFC 5321 4.5.3.2.6), and who gives up earlier does not know
   * what became of it.
   */
  replyMs: 600_000,
  resetMs: 30_000,
  /** Until a mail is settled, all in all: a server that sends a little of a reply again and again would hold a connection for ever. Twice what it may take over the last reply. */
  mailMs: 1_200_000,
  /** The longest reply, in bytes. */
  replyBytes: 64 * KB,
  /** A connection is closed after so many mails, and when it has rested for so long (servers close it after five minutes). */
  mailsPerConnection: 100,
  idleMs: 240_000,
  /** The pause after a failed connection, doubled with each further one. */
  backOffMs: 1_000,
  backOffMostMs: 15 * 60_000,
  /** How long mails on their way may take when a process stops. */
  graceMs: 20_000,
} as const;
