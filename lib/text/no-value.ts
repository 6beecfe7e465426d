// Recognises what tools and people write for 'no value'.

/** In English, Swedish, Norwegian, Danish, Finnish and German. */
const ERRORS =
  /^#(?:N\/A|NULL!|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|SPILL!|CALC!|SAKNAS!|REFERENS!|VÄRDEFEL!|NAMN\?|DIVISION\/0!|I\/T|VERDI!|NAVN\?|REFERENCE!|VÆRDI!|PUUTTUU!|VIITTAUS!|ARVO!|NIMI\?|JAKO\/0!|NV|BEZUG!|WERT!)$/;
const WORDS = /^(?:-+|–|—|\?|n\/?a|n\.a\.|null|\\n|none|nil|nan|#(?:n\/a|null!|ref!|value!|div\/0!|name\?|num!))$/i;

/** Whether a cell contains a spreadsheet error instead of a value: #N/A, #REF!. */
export const isSpreadsheetError = (text: string): boolean => text.startsWith('#') && ERRORS.test(text);

/** Whether a text means 'no value': “n/a”, “NULL”, “-”, a spreadsheet error. Not for text attributes: a name may be Null. */
export const saysNoValue = (text: string): boolean => WORDS.test(text) || isSpreadsheetError(text);
