// Addresses of links as people type them.
import { isSafeAddress } from '@/lib/mail-document/schema';

/** The address that is meant: 'shop.example/sale' is on the web, 'a@b.example' is a mail. Undefined if it is none that may be linked. */
export function meantAddress(typed: string): string | undefined {
  const text = typed.trim();
  if (text === '' || /\s/.test(text)) return undefined;
  if (/^[^\s@:/]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`;
  const isNamed = /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/?#]+:\d+(?:[/?#]|$)/.test(text);
  const address = isNamed ? text : `https://${text.replace(/^\/+/, '')}`;
  if (!isSafeAddress(address)) return undefined;
  return /^https?:/i.test(address) && !new URL(address).hostname.includes('.') ? undefined : address;
}

export const NO_ADDRESS = 'Enter an address such as https://example.com or name@example.com.';
