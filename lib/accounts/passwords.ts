// Passwords: strength checks and storage (argon2id hashes).
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { refuse } from '@/lib/access/refusal';
import { semaphore, type Semaphore } from '@/lib/db/semaphore';

/** OWASP's recommendation for argon2id: 19 MiB, 2 passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Concurrent hashes, so that a flood of sign-ins leaves threads for other work. */
const AT_ONCE = 2;
/** zxcvbn's scale: 3 is 'safely unguessable', more than 10^8 guesses. */
const WEAKEST_SCORE = 3;
/** Enough to judge quickly: zxcvbn's time grows with the square of the length. */
const JUDGED_CHARACTERS = 64;

/** One semaphore per process: Next bundles this module more than once. */
const shared = globalThis as typeof globalThis & { tagwellHashing?: Semaphore };
shared.tagwellHashing ??= semaphore(AT_ONCE);
const hashing = shared.tagwellHashing;
let decoy: Promise<string> | undefined;
let judge: Promise<ZxcvbnFactory> | undefined;

/** Hashes a password for storage. Normalised (NFKC), so that the same password matches from every keyboard. */
export function hashPassword(password: string): Promise<string> {
  return withinActorLimit(() => hash(password.normalize('NFKC'), COST));
}

/** Verifies a password. Takes as long for an unknown user (`stored` null) as for a known one. */
export async function passwordFits(stored: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(16).toString('hex'));
  const against = stored ?? (await decoy);
  const normalised = password.normalize('NFKC');
  let fits = await withinActorLimit(() => verify(against, normalised));
  // Hashes from before normalisation are of the text as typed.
  if (!fits && normalised !== password) fits = await withinActorLimit(() => verify(against, password));
  return stored !== null && fits;
}

/**
 * Refuses passwords that are easy to guess: common ones, keyboard patterns, repetitions, and what `known` contains about the person
 * (address, name, the names of the account and its sections). Refuses at the field `password`.
 */
export async function requireStrongPassword(password: string, known: readonly string[]): Promise<void> {
  judge ??= loadJudge();
  const parts = known
    .map((text) => text.normalize('NFKC').toLowerCase())
    .flatMap((text) => [text, text.replace(/[^\p{L}\p{N}]+/gu, ''), ...text.split(/[^\p{L}\p{N}]+/u)])
    .filter((part) => part.length > 2);
  const judged = password.normalize('NFKC').slice(0, JUDGED_CHARACTERS);
  const judging = await judge;
  // Two known words in a row would count as unrelated: the password has to be strong without them too.
  if ([judged, without(judged, parts)].every((text) => judging.check(text, parts).score >= WEAKEST_SCORE)) return;
  refuse(
    'invalid',
    'This password is easy to guess. Use a few unrelated words, without your name, your address or the names of your account and sections, and without keyboard patterns such as qwerty.',
    { field: 'password' },
  );
}

/** Refuses the present password as a new one, at the field `password`. */
export function refuseSamePassword(): never {
  return refuse('invalid', 'This is your current password. Choose a different one.', { field: 'password' });
}

/** The text in lower case with the parts removed, longest first. */
function without(text: string, parts: readonly string[]): string {
  return [...parts]
    .sort((left, right) => right.length - left.length)
    .reduce((rest, part) => rest.replaceAll(part, ''), text.toLowerCase());
}

/** Loads zxcvbn's dictionaries when somebody first chooses a password, not at start-up. */
async function loadJudge(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new Factory({ dictionary, graphs: adjacencyGraphs });
}

async function withinActorLimit<T>(work: () => Promise<T>): Promise<T> {
  const leave = await hashing.acquire();
  try {
    return await work();
  } finally {
    leave();
  }
}
