// The addresses in what somebody pastes or uploads: one a line, or the first cell of each line of a CSV.

/** The first cell of each line that is not empty, without quotes. */
export function addressLines(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => (/^\s*"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"') ?? line.split(/[,;\t]/)[0]!).trim())
    .filter((line) => line !== '');
}
