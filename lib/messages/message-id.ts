// Message-IDs of mails: the same on every attempt, so that a mailbox provider may recognise what it has already, and a bounce says whose it is.
import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import type { SectionId, SendId } from '@/lib/db/ids';

const keys = new Map<string, Buffer>();

function keyOf(secret: string): Buffer {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = Buffer.from(hkdfSync('sha256', secret, '', 'tagwell: message id', 32))));
  return key;
}

/** The Message-ID of a recipient's mail, without its brackets. That of a test, which has no recipient, is another one each time. */
export function messageIdOf(
  { sectionId, sendId, number }: { sectionId: SectionId; sendId: SendId | null; number: number | null },
  domain: string,
): string {
  if (sendId === null || number === null) return `test.${randomUUID()}@${domain}`;
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set: the server sets it at its start.');
  const signature = createHmac('sha256', keyOf(secret))
    .update(`${sectionId}.${sendId}.${number}`)
    .digest('hex')
    .slice(0, 20);
  return `${sendId}.${number}.${signature}@${domain}`;
}
