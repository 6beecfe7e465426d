// Detects text that was damaged before the file was made: it is imported as it is, with a warning.
import { shortened } from '@/lib/text/shortened';
import { cellText } from './cells';
import { utf8Reader } from './mixed-encodings';

/** The replacement character for a letter that a program could not read. */
const LOST = '\uFFFD';
/** A quick test for a whole row: the replacement character, or the first character of UTF-8 misread as Windows-1252. */
const SUSPECT = /[\uFFFD\u00C2-\u00F4]/;
const EXAMPLE_LENGTH = 40;

type Found = { rows: number; line: number; example: string };

/** Counts rows with lost letters, or letters that were decoded wrongly earlier. For files in UTF-8. */
export class GarbledText {
  private readonly lost: Found = { rows: 0, line: 0, example: '' };
  private readonly misread: Found & { meant: string } = { rows: 0, line: 0, example: '', meant: '' };
  private readonly meaning = utf8Reader('windows-1252')!;

  add(line: number, cells: readonly string[]): void {
    if (!SUSPECT.test(cells.join('\n'))) return;
    const lost = cells.find((cell) => cell.includes(LOST));
    if (lost !== undefined) note(this.lost, line, lost);
    for (const cell of cells) {
      const meant = this.meaning(cell);
      if (meant === undefined) continue;
      if (this.misread.rows === 0) this.misread.meant = shown(meant);
      note(this.misread, line, cell);
      break;
    }
  }

  /** The warnings. */
  notes(): string[] {
    const again = 'Text is imported as it is in the file. To have it right, export the file again in UTF-8.';
    const notes: string[] = [];
    if (this.lost.rows > 0) {
      notes.push(
        `${where(this.lost)} “${LOST}” for letters that were lost when the file was made: “${this.lost.example}”. ${again}`,
      );
    }
    if (this.misread.rows > 0) {
      notes.push(
        `${where(this.misread)} text such as “${this.misread.example}”, which was “${this.misread.meant}” before a program read it in the wrong encoding. ${again}`,
      );
    }
    return notes;
  }
}

function note(found: Found, line: number, cell: string): void {
  if (found.rows++ > 0) return;
  found.line = line;
  found.example = shown(cell);
}

const shown = (cell: string) => shortened(cellText(cell), EXAMPLE_LENGTH);

const where = ({ rows, line }: Found) =>
  rows === 1 ? `Line ${line} has` : `${rows.toLocaleString('en-GB')} rows, first on line ${line}, have`;
