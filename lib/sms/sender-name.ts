// What an SMS says it is from: a telephone number, which can be answered, or a name, which cannot.

/** A name of up to eleven letters, digits and blanks, with a letter in it (GSM 03.40: alphanumeric addresses). */
const NAME = /^(?=.{1,11}$)(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9 ]*[A-Za-z0-9])?$/;
/** A number with its country code. */
const NUMBER = /^\+[1-9]\d{6,14}$/;
/** What people put between the digits of a number. */
const BETWEEN = /[\s().-]/g;

/** As it is given to a provider: a name as it is, a number as +46701234567. Undefined if it is neither. */
export function readSmsFrom(text: string): string | undefined {
  const given = text.trim();
  if (NAME.test(given)) return given;
  const number = given.replace(BETWEEN, '').replace(/^00/, '+');
  return NUMBER.test(number) ? number : undefined;
}

/** Whether people can answer, for example with STOP. */
export const canBeAnswered = (from: string): boolean => from.startsWith('+');

/** What SMS through a sender say they are from. The built-in mailbox has no name of its own for them. */
export const smsFromOf = (sender: { kind: string; fromAddress: string; fromName: string }): string =>
  sender.kind === 'mailbox' ? smsNameOf(sender.fromName) : sender.fromAddress;

/** The number of a mobile as keys are stored, without +. Undefined if it is none with its country code. */
export function readMobile(text: string): string | undefined {
  const from = readSmsFrom(text);
  return from !== undefined && canBeAnswered(from) ? from.slice(1) : undefined;
}

/** The name of a company or section as a sender, as far as it can be one. */
export function smsNameOf(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9 ]/g, '')
    .trim()
    .slice(0, 11)
    .trim();
  return readSmsFrom(plain) ?? 'Tagwell';
}
