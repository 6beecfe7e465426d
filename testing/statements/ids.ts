// Where numbers from a sequence are made. On a cluster the coordinator makes them, so an INSERT … SELECT without the id is not passed on to
// one worker: Citus's other planner takes it, which can do less. Only a SELECT without a table in its FROM is passed on, with its
// `nextval`, and workers have no numbers for columns of type int, and very large ones otherwise.
import type { InsertStmt, Node as OneNode, SelectStmt } from 'libpg-query';
import { someNode, textOf, within, type Catalogue, type Node } from './nodes';

const OUTER = new Set<string>(['JOIN_LEFT', 'JOIN_RIGHT', 'JOIN_FULL']);

/** Whether Citus can make the ids of the rows that a statement inserts. */
export function canMakeIds(
  { relation, cols, selectStmt }: InsertStmt,
  { sectionTables, tables, sequences }: Catalogue,
): boolean {
  const sequence = sequences.get(relation?.relname ?? '');
  const select = within(selectStmt, 'SelectStmt');
  if (!sequence || !select || select.valuesLists || isNamed(sequence.column, cols)) return true;
  const readsSections = (part: unknown) =>
    someNode(part, (node) => sectionTables.has(within(node, 'RangeVar')?.relname ?? ''));
  const { fromClause: from, whereClause: where, targetList } = select;
  const readsBeside = someNode([where, targetList], (node) => 'SubLink' in node && readsSections(node));
  if (!from) return sequence.isBig || !readsBeside;
  const isElsewhere = (node: Node) => {
    const name = within(node, 'RangeVar')?.relname;
    return 'RangeFunction' in node || (name !== undefined && tables.has(name) && !sectionTables.has(name));
  };
  const joinsOuter = (node: Node) => {
    const join = within(node, 'JoinExpr');
    return OUTER.has(join?.jointype ?? '') && readsSections(join?.larg) && readsSections(join?.rarg);
  };
  const excludes = (node: Node) => {
    const not = within(node, 'BoolExpr');
    return not?.boolop === 'NOT_EXPR' && (not.args ?? []).some((arg) => exists(arg) && readsSections(arg));
  };
  if (someNode(from, joinsOuter)) return false;
  return !someNode(where, excludes) && !(readsBeside && someNode(from, isElsewhere));
}

/** Whether a SELECT asks for a number in a way that has a worker make it: it reads tables, but none in its own FROM. */
export function asksWorker({ targetList, fromClause = [], whereClause }: SelectStmt, { tables }: Catalogue): boolean {
  const isTable = (node: Node) => tables.has(within(node, 'RangeVar')?.relname ?? '');
  const calls = (node: Node) => textOf(within(node, 'FuncCall')?.funcname?.at(-1)) === 'nextval';
  const joined = (node: Node): boolean =>
    isTable(node) || [node.JoinExpr?.larg, node.JoinExpr?.rarg].some((side) => side !== undefined && joined(side));
  return (
    someNode(targetList, calls) && !fromClause.some(joined) && someNode([targetList, fromClause, whereClause], isTable)
  );
}

const exists = (node: Node) => within(node, 'SubLink')?.subLinkType === 'EXISTS_SUBLINK';

const isNamed = (column: string, cols: readonly OneNode[] = []) =>
  cols.some((target) => within(target, 'ResTarget')?.name === column);
