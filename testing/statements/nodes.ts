// What the rules look at: nodes of statements that PostgreSQL's parser has read, and what there is in the database.
import type { Node as OneNode } from 'libpg-query';

type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
/**
 * A node of a statement, with one of these properties according to its kind. A union of hundreds takes seconds to
 * type-check.
 */
export type Node = Partial<Together<OneNode>>;

/** What the rules need to know about the database. */
export type Catalogue = {
  /** Tables of sections: those whose primary key starts with `section_id`. */
  sectionTables: ReadonlySet<string>;
  /** All tables; others are temporary. */
  tables: ReadonlySet<string>;
  /** Columns whose numbers come from a sequence, by table, and whether they are bigints. */
  sequences: ReadonlyMap<string, { column: string; isBig: boolean }>;
};

/** The node's content if it is of the given kind. */
export function within<Kind extends keyof Node>(node: Node | undefined, kind: Kind): Node[Kind] {
  return node?.[kind];
}

/** The text of a name; an empty one of anything else. */
export const textOf = (node: Node | undefined): string => within(node, 'String')?.sval ?? '';

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const writes = (node: Node): boolean =>
  'InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node;
export const isQuery = (node: Node): boolean =>
  'SelectStmt' in node || 'InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node;

/** Whether the test holds for a node or one inside it. */
export function someNode(value: unknown, test: (node: Node) => boolean): boolean {
  if (Array.isArray(value)) return value.some((item) => someNode(item, test));
  if (!isNode(value)) return false;
  return test(value) || Object.values(value).some((part) => someNode(part, test));
}
