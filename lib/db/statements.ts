// Splits an SQL script into statements. On a Citus cluster each has to be sent separately: a coordinator passes the
// received text on to the workers, and a text of several statements would run there once for each.

/** Comments, strings, quoted names, dollar quotes: a semicolon in these ends nothing. Then everything else. */
const PARTS = /--[^\n]*|\/\*.*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|;|[^-/'"$;]+|./gs;

/**
 * The statements of a script, in order, each with the comments before it. Does not support strings with backslash
 * escapes (E'…').
 */
export function statementsOf(script: string): string[] {
  const statements = [''];
  for (const [part] of script.matchAll(PARTS)) {
    if (part === ';') statements.push('');
    else statements.push(statements.pop() + part);
  }
  const isComment = (statement: string) => statement.replace(/--[^\n]*|\/\*.*?\*\//gs, '').trim() === '';
  return statements.filter((statement) => !isComment(statement)).map((statement) => statement.trim());
}
