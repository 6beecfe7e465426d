// Email addresses and phone numbers as people enter them in a CRM: sometimes several in one field.

/** The addresses or numbers in some fields, in order, each once. They are separated by `;` or `,`. */
export const splitAddresses = (values: readonly unknown[]): string[] => [
  ...new Set(
    values
      .flatMap((value) => (typeof value === 'string' ? value.split(/[;,]/) : []))
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
];
