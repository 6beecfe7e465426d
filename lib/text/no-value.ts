// Recognises what tools and people write for 'no value'.

/** In English, Swedish, Norwegian, Danish, Finnish and German. */
const ERRORS =
  /^#(?:FORMULA!|N\/A|NULL!|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|GETTING_DATA|SAKNAS!|REFERENS!|VÄRDEFEL!|NAMN\?|DIVISION\/0!|I\/T|VERDI!|NAVN\?|REFERENCE!|VÆRDI!|PUUTTUU!|VIITTAUS!|ARVO!|NIMI\?|JAKO\/0!|NV|BEZUG!|WERT!)$/;
const WORDS = /^(?:-+|–|—|\?|n\/?a|n\.a\.|null|\\n|none|nil|nan|#(?:n\/a|null!|ref!|value!|div\/0!|name\?|num!))$/i;

/** None, Nil and Null are missing here: they may be an answer or a name. */
const PLACEHOLDERS =
  /^(?:-+|–+|—+|\?+|n\/a|N\/A|n\.a\.|N\.A\.|null|NULL|nan|NaN|undefined|<null>|<NULL>|\(null\)|\(NULL\)|\[null\]|\[NULL\])$/;

/** How LibreOffice writes most errors: Err:502, in its language. */
const NUMBERED_ERROR = /^(?:Err|Fel|Feil|Fejl|Virhe|Fehler|Błąd|Erreur):\d{3}$/;

/** What to say about a cell with a spreadsheet error, after its text. */
export const SPREADSHEET_ERROR = 'is a spreadsheet formula error';

/** The text of a workbook's cell whose formula has no result in the file (lib/imports/workbook/formula.mjs). */
export const NO_RESULT = '#FORMULA!';

/** What to say about such a cell. */
export const WITHOUT_RESULT =
  'the cell has a formula whose result is not in the file: open the file in Excel, save it, and import that';

/** Whether a cell contains a spreadsheet error, or nothing but a formula, instead of a value: #N/A, #REF!, Err:502, #FORMULA!. */
export function isSpreadsheetError(cell: string): boolean {
  const text = cell.trim();
  return text.startsWith('#') ? ERRORS.test(text) : text.length < 12 && NUMBERED_ERROR.test(text);
}

/** Whether a cell of a text column only stands for 'no value': “N/A”, “NULL”, “-”. */
export const isPlaceholder = (cell: string): boolean => PLACEHOLDERS.test(cell.trim());

/** Whether a text means 'no value': “n/a”, “NULL”, “-”, a spreadsheet error. For text attributes, see `isPlaceholder`. */
export const meansNoValue = (text: string): boolean => WORDS.test(text) || isSpreadsheetError(text);
