// Signatures of the sending domain (DKIM, RFC 6376): a key made here, the record that publishes it, and signing.
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import DKIM from 'nodemailer/lib/dkim';
import type { Dkim } from './schema';

/** What is signed. Feedback-ID is only believed with a signature; unsubscribing by one click demands one for both of its fields. */
const SIGNED_FIELDS =
  'From:Reply-To:Subject:Date:Message-ID:To:MIME-Version:Content-Type:Content-Transfer-Encoding:List-Id:List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID';

const makeKeys = promisify(generateKeyPair);

/** A new key. `publicKey`: as it stands in the record. */
export async function makeDkimKey(): Promise<{ publicKey: string; privateKey: string }> {
  const { publicKey, privateKey } = await makeKeys('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: publicKey.toString('base64'), privateKey };
}

/** The TXT record that publishes a key. */
export const dkimRecord = (domain: string, { selector, publicKey }: Dkim): { name: string; value: string } => ({
  name: `${selector}._domainkey.${domain}`,
  value: `v=DKIM1; k=rsa; p=${publicKey}`,
});

/** Signs a mail. Throws if it cannot be signed: an unsigned mail must not leave instead. */
export async function signMail(
  raw: Buffer,
  { domain, selector, privateKey }: { domain: string; selector: string; privateKey: string },
): Promise<Buffer> {
  const signer = new DKIM({ domainName: domain, keySelector: selector, privateKey, headerFieldNames: SIGNED_FIELDS });
  const parts: Buffer[] = [];
  for await (const part of signer.sign(raw)) parts.push(part as Buffer);
  const signed = Buffer.concat(parts);
  if (!signed.subarray(0, 15).equals(Buffer.from('DKIM-Signature:'))) throw new Error('The mail could not be signed.');
  return signed;
}
