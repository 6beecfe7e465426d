// Codes of authenticator apps (TOTP, RFC 6238): SHA-1, six digits, 30 seconds, which is what every app knows.
import { Secret, TOTP } from 'otpauth';

const PERIOD = 30;
const SETTINGS = { issuer: 'Tagwell', algorithm: 'SHA1', digits: 6, period: PERIOD };
/** How many steps the clock of the phone may be ahead or behind. */
const WINDOW = 1;
/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20;

/** A new secret, as people type it into an app (base32). */
export const newSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** The address that a QR code for an app contains. */
export const appAddress = (secret: string, email: string): string =>
  new TOTP({ ...SETTINGS, label: email, secret: Secret.fromBase32(secret) }).toString();

/** The time step to which a code belongs, if it is right within one step; null if it is wrong. */
export function stepOfCode(secret: string, code: string, at: Date): number | null {
  const totp = new TOTP({ ...SETTINGS, secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, timestamp: at.getTime(), window: WINDOW });
  return delta === null ? null : Math.floor(at.getTime() / 1_000 / PERIOD) + delta;
}

/** The code of a moment: what the app shows then. */
export const codeAt = (secret: string, at: Date): string =>
  new TOTP({ ...SETTINGS, secret: Secret.fromBase32(secret) }).generate({ timestamp: at.getTime() });
