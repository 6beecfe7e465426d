// What a form says by itself, in the languages that it can speak. A form may replace each text by its own.
import { z } from 'zod';

export const LANGUAGES = ['en', 'sv'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The texts, with `{…}` for what is filled in. English, from which the others are translated. */
const EN = {
  submit: 'Send',
  next: 'Next',
  back: 'Back',
  /** After the label of what need not be entered. */
  optional: '(optional)',
  step: 'Step {step} of {steps}',
  choose: 'Choose',
  yes: 'Yes',
  no: 'No',
  /** Above the list of what is wrong. */
  problems: 'Something is missing or wrong',
  needed: 'Enter this.',
  neededChoice: 'Choose an answer.',
  neededTick: 'Tick this box to go on.',
  notEmail: 'Enter an email address, such as name@example.com.',
  notMobile: 'Enter a mobile number with its country code, such as +46 70 123 45 67.',
  notNumber: 'Enter a number.',
  notDate: 'Enter a date, such as 2026-11-30.',
  notChoice: 'Choose one of the answers.',
  tooLong: 'Use at most {max} characters.',
  thanks: 'Thank you',
  received: 'We have received your answers.',
  checkMail: 'One more step',
  checkMailText: 'We have sent an email to the address that you entered. Open it and press its button to confirm.',
  closed: 'This form is closed',
  closedText: 'It takes no more answers.',
  /** When the answers could not be stored: they are still in the page. */
  later: 'Your answers could not be saved just now. They are still here: try again in a moment.',
  tooMany: 'Too many answers at once',
  tooManyText: 'Nothing was saved. Wait a minute, go back and send again.',
  checking: 'Checking …',
  mailSubject: 'Please confirm your email address',
  mailText:
    'Somebody, probably you, entered this address in our form “{form}”. Press the button, and on the page that opens press it once more. If it was not you, do nothing.',
  mailButton: 'Confirm',
  reminderSubject: 'Reminder: please confirm your email address',
  confirm: 'Confirm your email address',
  confirmText: 'Press the button to confirm {address}.',
  confirmButton: 'Confirm',
  confirmed: 'Confirmed',
  confirmedText: 'Thank you. Your email address is confirmed.',
  expired: 'This link has expired',
  expiredText: 'Fill in the form again to get a new one.',
  gone: 'Done',
  goneText: 'There is nothing more to confirm.',
} as const;

export type TextKey = keyof typeof EN;
type Texts = Record<TextKey, string>;

const SV: Texts = {
  submit: 'Skicka',
  next: 'Nästa',
  back: 'Tillbaka',
  optional: '(valfritt)',
  step: 'Steg {step} av {steps}',
  choose: 'Välj',
  yes: 'Ja',
  no: 'Nej',
  problems: 'Något saknas eller är fel',
  needed: 'Fyll i det här fältet.',
  neededChoice: 'Välj ett svar.',
  neededTick: 'Kryssa i rutan för att fortsätta.',
  notEmail: 'Ange en e-postadress, till exempel namn@exempel.se.',
  notMobile: 'Ange ett mobilnummer med landskod, till exempel +46 70 123 45 67.',
  notNumber: 'Ange ett tal.',
  notDate: 'Ange ett datum, till exempel 2026-11-30.',
  notChoice: 'Välj ett av svaren.',
  tooLong: 'Använd högst {max} tecken.',
  thanks: 'Tack',
  received: 'Vi har tagit emot dina svar.',
  checkMail: 'Ett steg till',
  checkMailText: 'Vi har skickat ett mejl till adressen som du angav. Öppna det och tryck på knappen för att bekräfta.',
  closed: 'Formuläret är stängt',
  closedText: 'Det tar inte emot fler svar.',
  later: 'Dina svar kunde inte sparas just nu. De finns kvar här: försök igen om en stund.',
  tooMany: 'För många svar på en gång',
  tooManyText: 'Inget sparades. Vänta en minut, gå tillbaka och skicka igen.',
  checking: 'Kontrollerar …',
  mailSubject: 'Bekräfta din e-postadress',
  mailText:
    'Någon, förmodligen du, har angett den här adressen i vårt formulär ”{form}”. Tryck på knappen, och en gång till på sidan som öppnas. Om det inte var du behöver du inte göra något.',
  mailButton: 'Bekräfta',
  reminderSubject: 'Påminnelse: bekräfta din e-postadress',
  confirm: 'Bekräfta din e-postadress',
  confirmText: 'Tryck på knappen för att bekräfta {address}.',
  confirmButton: 'Bekräfta',
  confirmed: 'Bekräftad',
  confirmedText: 'Tack. Din e-postadress är bekräftad.',
  expired: 'Länken har gått ut',
  expiredText: 'Fyll i formuläret igen för att få en ny.',
  gone: 'Klart',
  goneText: 'Det finns inget mer att bekräfta.',
};

const TEXTS: Record<Language, Texts> = { en: EN, sv: SV };

/** Names of the languages, in themselves. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', sv: 'Svenska' };

const RIGHT_TO_LEFT: readonly string[] = ['ar', 'he', 'fa'];
export const directionOf = (language: Language): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr');

/** Texts of a form's own; an empty one is that of the language. */
export const OwnTextsSchema = z
  .partialRecord(z.enum(Object.keys(EN) as [TextKey, ...TextKey[]]), z.string().trim().max(500))
  .default({});

/** What a form says, with values filled in. */
export function textOf(
  { language, texts }: { language: Language; texts: Partial<Texts> },
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return (texts[key] || TEXTS[language][key]).replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}
