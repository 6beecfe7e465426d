// English, from which the others are translated. `{…}` stands for what is filled in.
export const EN = {
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
  closedText: 'It no longer takes answers.',
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
  /** When there is no such form. */
  unknown: 'There is no form here',
  unknownText: 'The address may be incomplete, or the form has been removed.',
  /** When the form cannot be read just now. */
  down: 'Not available just now',
  downText: 'Try again in a moment.',
  unknownLink: 'This link does not work',
  unknownLinkText: 'It may be incomplete: take the whole of it from the email.',
  goOn: 'Continue',
  /** Beside the field that nobody sees. */
  leaveEmpty: 'Leave this field empty',
} as const;

export type TextKey = keyof typeof EN;
export type Texts = Record<TextKey, string>;
