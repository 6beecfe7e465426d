// Message-IDs of mails: the same on every attempt, so that a mailbox provider may recognise what it has already, and a bounce says whose it is.
import { createHmac, hkdfSync, randomUUID, timingSafeEqual } from 'node:crypto';
import { environment } from '@/lib/config/environment';
import type { SectionId, SendId } from '@/lib/db/ids';

const keys = new Map<string, Buffer>();

function keyOf(secret: string): Buffer {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = Buffer.from(hkdfSync('sha256', secret, '', 'tagwell: message id', 32))));
  return key;
}

function newestSecret(): string {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  return secret;
}

const signature = (sectionId: SectionId, named: string, secret: string): string =>
  createHmac('sha256', keyOf(secret)).update(`${sectionId}.${named}`).digest('hex').slice(0, 20);

/** The Message-ID of a recipient's mail, without its brackets. That of a test, which has no recipient, is another one each time. */
export function messageIdOf(
  { sectionId, sendId, number }: { sectionId: SectionId; sendId: SendId | null; number: number | null },
  domain: string,
): string {
  if (sendId === null || number === null) return `test.${randomUUID()}@${domain}`;
  const named = `${sendId}.${number}`;
  return `${named}.${signature(sectionId, named, newestSecret())}@${domain}`;
}

const MESSAGE_ID = /(?<![\w.-])(\d{1,10}\.(\d{1,15}))\.([0-9a-f]{20})@/gi;
/** More in one mail are not looked at. */
const LOOKED_AT = 20;

/** The recipients of a section whose Message-IDs stand in a text. Others are passed over: the signature is ours. */
export function readMessageIds(sectionId: SectionId, text: string): number[] {
  const found = [...text.matchAll(MESSAGE_ID)].slice(0, LOOKED_AT);
  if (found.length === 0) return [];
  const secrets = [newestSecret(), ...environment().TAGWELL_FORMER_SECRETS];
  const numbers = found.flatMap(([, named, number, given]) => {
    const bytes = Buffer.from(given!.toLowerCase());
    const isOurs = secrets.some((secret) => timingSafeEqual(Buffer.from(signature(sectionId, named!, secret)), bytes));
    return isOurs ? [Number(number)] : [];
  });
  return [...new Set(numbers)];
}
