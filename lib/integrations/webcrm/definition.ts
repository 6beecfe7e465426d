// Manual lists of webCRM: a query for /Queries, or conditions that we hold against every person (crm-apis §3.4, §3.5).
import type { Row } from './client';

const OPERATORS = ['contains', 'empty', 'notempty', 'in', '=', '!=', '>=', '<='] as const;
type Operator = (typeof OPERATORS)[number];

export type Condition = { field: string; operator: Operator; values: string[] };

export type Definition =
  | { kind: 'query'; script: string; caution?: string }
  | { kind: 'conditions'; all: boolean; conditions: Condition[] };

/** Reads a definition: one SELECT, or one condition a line. */
export function readDefinition(text: string): { definition: Definition } | { problem: string } {
  const trimmed = text.trim();
  return /^select\b/i.test(trimmed) ? readScript(trimmed) : readConditions(trimmed);
}

/** Only one SELECT: what else the API might do is not for a list. */
function readScript(text: string): { definition: Definition } | { problem: string } {
  const script = text.replace(/;\s*$/, '');
  const outside = script.replace(/'(?:[^']|'')*'/g, "''");
  if (outside.includes(';')) return { problem: 'Enter one SELECT only, without a semicolon.' };
  if ((outside.replaceAll("''", '').match(/'/g) ?? []).length > 0) {
    return { problem: "A quotation mark is not closed. Double those inside a text: O''Brien." };
  }
  if (/\b(insert|update|delete|drop|alter|exec|union)\b/i.test(outside)) {
    return { problem: 'Enter one SELECT only, which reads and changes nothing.' };
  }
  if (!/\bfrom\b/i.test(outside)) return { problem: 'The query needs FROM Person.' };
  const caution = /\b(getdate|getutcdate|current_timestamp|dateadd)\b/i.test(outside)
    ? 'It has a relative date, which webCRM works out at the time of each sync.'
    : undefined;
  return { definition: { kind: 'query', script, ...(caution ? { caution } : {}) } };
}

function readConditions(text: string): { definition: Definition } | { problem: string } {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const heading = /^(all|any):$/i.exec(lines[0] ?? '')?.[1]?.toLowerCase();
  const rest = heading ? lines.slice(1) : lines;
  if (rest.length === 0) {
    return {
      problem: 'Enter a query that begins with SELECT, or one condition a line, such as: PersonStatus = Active',
    };
  }
  const conditions: Condition[] = [];
  for (const line of rest) {
    const condition = readCondition(line);
    if ('problem' in condition) return condition;
    conditions.push(condition);
  }
  return { definition: { kind: 'conditions', all: heading !== 'any', conditions } };
}

function readCondition(line: string): Condition | { problem: string } {
  const parts = /^(\w+)\s*(!=|>=|<=|=|\b(?:contains|empty|notempty|in)\b)\s*(.*)$/i.exec(line);
  const [, field = '', operator = '', rest = ''] = parts ?? [];
  const known = OPERATORS.find((candidate) => candidate === operator.toLowerCase());
  if (!known) {
    return {
      problem: `“${line}” is not a condition. Write the field, then one of ${OPERATORS.join(', ')}, then the value.`,
    };
  }
  const needsValue = known !== 'empty' && known !== 'notempty';
  if (needsValue !== (rest !== '')) {
    return { problem: needsValue ? `“${line}” has no value.` : `“${line}” has a value, which ${known} does not need.` };
  }
  const values = known === 'in' ? rest.split(',').map((value) => value.trim()) : [rest];
  return { field, operator: known, values };
}

/** Whether a row meets conditions. Texts compare whatever their case; numbers as numbers, times as times. */
export function meets(row: Row, { all, conditions }: Extract<Definition, { kind: 'conditions' }>): boolean {
  const holds = (condition: Condition) => conditionHolds(textOf(row[condition.field]), condition);
  return all ? conditions.every(holds) : conditions.some(holds);
}

function conditionHolds(value: string, { operator, values }: Condition): boolean {
  const [wanted = ''] = values;
  switch (operator) {
    case 'empty':
      return value === '';
    case 'notempty':
      return value !== '';
    case 'contains':
      return same(value).includes(same(wanted));
    case 'in':
      return values.some((one) => same(one) === same(value));
    case '=':
      return same(value) === same(wanted);
    case '!=':
      return same(value) !== same(wanted);
    case '>=':
      return value !== '' && ordered(value, wanted) >= 0;
    case '<=':
      return value !== '' && ordered(value, wanted) <= 0;
  }
}

const textOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
const same = (text: string) => text.normalize('NFC').trim().toLowerCase();

/** ISO dates are in order as text. */
function ordered(left: string, right: string): number {
  const [first, second] = [left, right].map(Number);
  const asNumbers = first !== undefined && second !== undefined && !Number.isNaN(first) && !Number.isNaN(second);
  if (asNumbers) return first - second;
  if (same(left) === same(right)) return 0;
  return same(left) < same(right) ? -1 : 1;
}
