// What a person is called, from the fields in which CRMs keep it.

/**
 * The name in a row: of the first group of fields that has any, joined. Undefined if there is none, so that people see an address
 * instead.
 */
export function nameIn(row: Record<string, unknown>, groups: readonly (readonly string[])[]): string | undefined {
  for (const fields of groups) {
    const parts = fields.map((field) => row[field]).filter((part) => typeof part === 'string');
    const name = parts
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join(' ');
    if (name !== '') return name;
  }
  return undefined;
}
