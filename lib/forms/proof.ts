// Proof of work: a browser computes for a moment before it may send, which costs a person nothing and a program that sends thousands a lot. The challenge
// is signed with a key of the installation, so every process knows it, after a restart too. That it was used is remembered with the submission: one
// challenge, one submission.
import { createHash } from 'node:crypto';
import { createChallenge, verifySolution, type Challenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import { signatureOf } from '@/lib/config/signature';
import type { ShownForm } from './page-token';

const ALGORITHM = 'PBKDF2/SHA-256';
/** One attempt takes a millisecond or two; 256 of them are needed on average. */
const COST = 2_000;
const PREFIX = '00';
const VALID_MS = 15 * 60_000;
/** Characters: ours have some 600. */
const LONGEST = 2_000;

/** Not of a former secret: a challenge lives for minutes. */
const key = (): string => signatureOf('form proof', '', 32).toString('hex');

const formOf = ({ sectionId, formId }: Pick<ShownForm, 'sectionId' | 'formId'>) => `${sectionId}.${formId}`;

/** A challenge for a visitor of this form. */
export const makeChallenge = (form: Pick<ShownForm, 'sectionId' | 'formId'>, now: Date): Promise<Challenge> =>
  createChallenge({
    algorithm: ALGORITHM,
    cost: COST,
    keyPrefix: PREFIX,
    deriveKey,
    hmacSignatureSecret: key(),
    expiresAt: new Date(now.getTime() + VALID_MS),
    data: { form: formOf(form) },
  });

const PayloadSchema = z.object({
  challenge: z.object({
    parameters: z.looseObject({
      algorithm: z.literal(ALGORITHM),
      cost: z.literal(COST),
      nonce: z.string(),
      salt: z.string(),
      data: z.object({ form: z.string() }),
    }),
    signature: z.string(),
  }),
  solution: z.object({ counter: z.int(), derivedKey: z.string() }),
});

/** What a valid proof is remembered by; null if it is none, or none for this form. */
export async function checkProof(form: Pick<ShownForm, 'sectionId' | 'formId'>, text: string): Promise<Buffer | null> {
  if (text === '' || text.length > LONGEST) return null;
  let payload: z.output<typeof PayloadSchema>;
  try {
    payload = PayloadSchema.parse(JSON.parse(Buffer.from(text, 'base64').toString()));
  } catch {
    return null;
  }
  const { challenge, solution } = payload;
  if (challenge.parameters.data.form !== formOf(form)) return null;
  const { verified } = await verifySolution({
    challenge: challenge as unknown as Challenge,
    solution: { ...solution, time: 0 },
    deriveKey,
    hmacSignatureSecret: key(),
  });
  return verified ? createHash('sha256').update(`form proof ${challenge.signature}`).digest() : null;
}
