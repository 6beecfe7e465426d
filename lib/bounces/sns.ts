// What Amazon SNS posts: whether it is Amazon's own and of the topic that was set, and the confirmation of a subscription. A right signature alone proves little, since anybody
// may have a topic. Nothing is fetched but from Amazon's own hosts.
import { createVerify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { call } from '@/lib/outbound/request';

const EnvelopeSchema = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().max(200),
  TopicArn: z.string().max(300),
  Message: z.string(),
  Subject: z.string().nullish(),
  Timestamp: z.string().max(60),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string().max(2_000),
  SigningCertURL: z.string().max(500),
  SubscribeURL: z.string().max(2_000).optional(),
  Token: z.string().max(2_000).optional(),
});
export type Envelope = z.output<typeof EnvelopeSchema>;

/** `arn:aws:sns:eu-north-1:123456789012:bounces`, also of Amazon's separate parts. */
export const TOPIC_ARN = /^arn:aws(-[a-z-]+)?:sns:([a-z0-9-]{1,30}):\d{12}:[\w-]{1,256}(\.fifo)?$/;

/** Fetches a text from an address that was checked. Tests give their own. */
export type Fetch = (url: string) => Promise<string>;

export const fetchText: Fetch = async (url) => {
  const limits = { connectMs: 5_000, timeoutMs: 10_000, answerChars: 20_000, longer: 'fail' } as const;
  const { status, body } = await call(url, { method: 'GET', headers: {} }, limits);
  if (status !== 200) throw new Error(`The answer was ${status}.`);
  return body;
};

/** An envelope, if it is one. */
export function readEnvelope(body: string): Envelope | undefined {
  try {
    return EnvelopeSchema.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** Whether an address is of Amazon SNS in the region of the topic, and nothing else. */
function isAmazons(text: string, topicArn: string): boolean {
  const region = TOPIC_ARN.exec(topicArn)?.[2];
  if (region === undefined || !URL.canParse(text)) return false;
  const { protocol, hostname, port, username, password, hash } = new URL(text);
  const isPlain = protocol === 'https:' && port === '' && username === '' && password === '' && hash === '';
  return isPlain && [`sns.${region}.amazonaws.com`, `sns.${region}.amazonaws.com.cn`].includes(hostname);
}

/** The fields that are signed, by type, in the order of their names. */
const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const;

const certificates = new Map<string, X509Certificate>();
const CERTIFICATES_MAX = 20;

/** Whether an envelope is signed by Amazon. Throws if its certificate cannot be fetched now. */
export async function isSignedByAmazon(
  envelope: Envelope,
  fetch: Fetch = fetchText,
  now = new Date(),
): Promise<boolean> {
  const { SigningCertURL: url, TopicArn, Type, SignatureVersion, Signature } = envelope;
  if (!isAmazons(url, TopicArn)) return false;
  const { pathname, search } = new URL(url);
  if (search !== '' || !/^\/SimpleNotificationService-[0-9a-zA-Z]{1,80}\.pem$/.test(pathname)) return false;
  const certificate = certificates.get(url) ?? new X509Certificate(await fetch(url));
  if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) return false;
  if (certificates.size >= CERTIFICATES_MAX) certificates.clear();
  certificates.set(url, certificate);
  const text = SIGNED[Type].flatMap((name) => {
    const value = envelope[name];
    return value === undefined || value === null ? [] : [`${name}\n${value}\n`];
  });
  return createVerify(SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
    .update(text.join(''), 'utf8')
    .verify(certificate.publicKey, Signature, 'base64');
}

/** Confirms a subscription to the topic that was set, if the address to press is Amazon's and for this topic. */
export async function confirmSubscription(
  { SubscribeURL: url, TopicArn }: Envelope,
  fetch: Fetch = fetchText,
): Promise<boolean> {
  if (url === undefined || !isAmazons(url, TopicArn)) return false;
  const { pathname, searchParams } = new URL(url);
  const isForTopic = searchParams.get('Action') === 'ConfirmSubscription' && searchParams.get('TopicArn') === TopicArn;
  if (pathname !== '/' || !isForTopic) return false;
  await fetch(url);
  return true;
}
