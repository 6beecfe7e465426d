// Return addresses: where a mail that cannot be delivered comes back to. Each names a recipient, signed with the installation's secret, so that a bounce is known to be
// of that mail, and nobody can make one up for somebody else. In lower case without exception, since mail servers on the way may not keep the case.
import { isSignatureOf, signatureOf } from '@/lib/config/signature';
import type { SectionId } from '@/lib/db/ids';
import type { Returns } from '@/lib/sending/schema';

/** Section, recipient's number, signature: 20 bytes, which are 32 letters of base 32 without a rest. */
const NAMED = 4 + 6;
const SIGNATURE = 10;
/** What the number names: a recipient of a message, or a mail of a form that asks to confirm. A signature for one is none for the other. */
const USES = { message: 'return address', form: 'return address of a form' } as const;
type Use = keyof typeof USES;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const TOKEN = /(?<![a-z0-9])[a-z2-7]{32}(?![a-z0-9])/gi;
/** More in one mail are not looked at. */
const LOOKED_AT = 20;

type Named = { sectionId: SectionId; number: number | null; use?: Use };

/** The return address of a mail. `number`: null for a test, of which nobody is the recipient. */
export function returnAddressOf({ address, form }: Returns, named: Named): string {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  switch (form) {
    case 'plain':
      return address;
    case 'plus':
      return `${local}+${returnToken(named)}@${domain}`;
    case 'minus':
      return `${local}-${returnToken(named)}@${domain}`;
    case 'domain':
      return `${returnToken(named)}@${domain}`;
  }
}

function returnToken({ sectionId, number, use = 'message' }: Named): string {
  const token = Buffer.alloc(NAMED + SIGNATURE);
  token.writeUInt32BE(sectionId, 0);
  token.writeUIntBE(number ?? 0, 4, 6);
  signatureOf(USES[use], token.subarray(0, NAMED), SIGNATURE).copy(token, NAMED);
  let bits = '';
  for (const byte of token) bits += byte.toString(2).padStart(8, '0');
  return bits.replace(/.{5}/g, (five) => LETTERS[Number.parseInt(five, 2)]!);
}

/** The recipients of a section that return addresses in a text name. `null`: one of a test. `use`: what else they name. */
export function readReturnTokens(sectionId: SectionId, text: string, use: Use = 'message'): (number | null)[] {
  const spelled = new Set((text.match(TOKEN) ?? []).slice(0, LOOKED_AT).map((token) => token.toLowerCase()));
  return [...spelled].flatMap((token) => {
    let bits = '';
    for (const letter of token) bits += LETTERS.indexOf(letter).toString(2).padStart(5, '0');
    const bytes = Buffer.from(bits.match(/.{8}/g)!.map((eight) => Number.parseInt(eight, 2)));
    const [named, given] = [bytes.subarray(0, NAMED), bytes.subarray(NAMED)];
    if (named.readUInt32BE(0) !== sectionId) return [];
    if (!isSignatureOf(USES[use], named, given, SIGNATURE)) return [];
    const number = named.readUIntBE(4, 6);
    return [number === 0 ? null : number];
  });
}
