// Takes a script of SQL apart. On a Citus cluster each statement has to be sent by itself: a coordinator passes the text that it was
// sent on to the workers, and a text of several would be run there once for each.

/** Comments, strings, names in quotes, dollar quotes: a semicolon in these ends nothing. Then whatever else there is. */
const PARTS = /--[^\n]*|\/\*.*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|;|[^-/'"$;]+|./gs;

/** The statements of a script, in order, with the comments before them. Strings with backslash escapes (E'…') are not known. */
export function statementsOf(script: string): string[] {
  const statements = [''];
  for (const [part] of script.matchAll(PARTS)) {
    if (part === ';') statements.push('');
    else statements.push(statements.pop() + part);
  }
  const isComment = (statement: string) => statement.replace(/--[^\n]*|\/\*.*?\*\//gs, '').trim() === '';
  return statements.filter((statement) => !isComment(statement)).map((statement) => statement.trim());
}
