// Addresses of links as people type them.
import { addressByIds, attributesInAddress, hasStrayBraces, VALUES_PLACE } from '@/lib/mail-document/link-values';
import { isLinkAddress, isSafeAddress } from '@/lib/mail-document/schema';
import type { NamedAttribute } from '@/lib/mail-document/written-values';

/** The address that is meant: 'shop.example/sale' is on the web, 'a@b.example' is a mail. Undefined if it is none that may be linked. */
export function meantAddress(typed: string): string | undefined {
  const text = typed.trim();
  // A name between braces may have blanks.
  if (text === '' || /\s/.test(text.replace(/\{\{[^{}]*\}\}/g, ''))) return undefined;
  if (/^[^\s@:/]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`;
  const isNamed = /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/?#]+:\d+(?:[/?#]|$)/.test(text);
  const address = isNamed ? text : `https://${text.replace(/^\/+/, '')}`;
  if (!isSafeAddress(address)) return undefined;
  return /^https?:/i.test(address) && !new URL(address).hostname.includes('.') ? undefined : address;
}

/**
 * The address that is meant, with its values by id. `address`: null if it cannot be kept. `problem`: what is wrong with it; an unknown name is kept as it was
 * typed, and the message cannot be sent with it.
 */
export function readLink(
  typed: string,
  attributes: readonly NamedAttribute[],
): { address: string; problem: null } | { address: string | null; problem: string } {
  const { address: written, unknown } = addressByIds(typed, attributes);
  const problem = unknown[0] !== undefined ? unknownName(unknown[0]) : hasStrayBraces(written) ? OPEN_BRACES : null;
  const address = meantAddress(written);
  // What only looks like a value by its id must not become one.
  const isOther = unknown.some((name) => attributesInAddress(`{{${name}}}`).length > 0);
  if (address !== undefined && isLinkAddress(address) && !isOther)
    return problem === null ? { address, problem } : { address, problem };
  return { address: null, problem: problem ?? (attributesInAddress(written).length > 0 ? VALUES_PLACE : NO_ADDRESS) };
}

const unknownName = (name: string): string =>
  name.includes('|')
    ? `Write {{${name.split('|')[0]!.trim()}}}: in a link, nothing stands instead of a value that somebody does not have.`
    : `There is no value “${name}” in this section.`;

const OPEN_BRACES = 'A value stands between two pairs of braces, such as {{City}}.';
export const NO_ADDRESS = 'Enter an address such as https://example.com or name@example.com.';
