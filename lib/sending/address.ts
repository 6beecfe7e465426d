// Addresses of mailboxes as they are sent to: the part before the @ as given, the domain in its ASCII form.
import { domainToASCII } from 'node:url';

/** `ascii`: false if the part before the @ needs SMTPUTF8. */
export type MailAddress = { address: string; domain: string; ascii: boolean };

const LOCAL_MAX = 64;
const WHOLE_MAX = 254;
/** RFC 5321 dot-strings, with letters of all scripts (RFC 6531). Quoted parts before the @ exist on paper only. */
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+\-/=?^_`{|}~]+(\.[\p{L}\p{M}\p{N}!#$%&'*+\-/=?^_`{|}~]+)*$/u;
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** Reads an address. Undefined if nothing can be sent to it. */
export function readAddress(text: string): MailAddress | undefined {
  const given = text.trim().normalize('NFC');
  const at = given.lastIndexOf('@');
  const local = given.slice(0, at);
  if (at < 1 || Buffer.byteLength(local) > LOCAL_MAX || !LOCAL.test(local)) return undefined;
  const domain = domainOf(given.slice(at + 1));
  if (domain === undefined) return undefined;
  const address = `${local}@${domain}`;
  return Buffer.byteLength(address) > WHOLE_MAX ? undefined : { address, domain, ascii: /^[\x21-\x7E]+$/.test(local) };
}

/** A domain in lower case and ASCII (xn--…). Undefined if it is none. */
export function domainOf(text: string): string | undefined {
  const domain = domainToASCII(text.trim());
  return DOMAIN.test(domain) ? domain : undefined;
}
