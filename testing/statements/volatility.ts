// What Citus refuses in writing statements because a function is not immutable. Operators and casts are functions too: whether `at -
// interval '1 hour'` is one that counts depends on the type of `at`, which PostgreSQL's parser does not know, but its analysis does.
import type pg from 'pg';
import { analyse, type Tree, type TreeNode } from './node-tree';

type Volatility = 'immutable' | 'stable' | 'volatile';
type KnownFunction = { name: string; volatility: Volatility };

/** The functions of a database by their ids, and the ids of those that turn the values of a type into text and back. */
export type Functions = {
  byId: ReadonlyMap<string, KnownFunction>;
  ofTypes: ReadonlyMap<string, { input: string; output: string }>;
};

/** Reads them from the database of the connection. */
export async function readFunctions(client: pg.ClientBase): Promise<Functions> {
  const functions = await client.query<{ id: string } & KnownFunction>(`
    select oid::text as id, proname as name,
      case provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility
    from pg_proc`);
  const types = await client.query<{ id: string; input: string; output: string }>(
    `select oid::text as id, typinput::oid::text as input, typoutput::oid::text as output from pg_type`,
  );
  return {
    byId: new Map(functions.rows.map((row) => [row.id, row])),
    ofTypes: new Map(types.rows.map((row) => [row.id, row])),
  };
}

const [UPDATE, INSERT, DELETE] = ['2', '3', '4'];

/**
 * The names of the functions because of which Citus refuses a writing statement: in an UPDATE or DELETE, a stable one of
 * a column, one that is not immutable in CASE or COALESCE, a volatile one; any that is not immutable in RETURNING, or
 * in ON CONFLICT. As `TargetlistAndFunctionsSupported` and `ErrorIfOnConflictNotSupported` of its planner do.
 */
export async function refusedFunctions(client: pg.ClientBase, text: string, functions: Functions): Promise<string[]> {
  const check = new VolatilityCheck(functions);
  check.queries(await analyse(client, text));
  return [...check.refused];
}

class VolatilityCheck {
  readonly refused = new Set<string>();

  constructor(private readonly functions: Functions) {}

  /** Looks at every query in the tree: Citus plans each by itself. */
  queries(tree: Tree): void {
    if (isNode(tree) && tree.kind === 'QUERY') this.query(tree);
    for (const part of partsOf(tree)) this.queries(part);
  }

  private query(query: TreeNode): void {
    const command = wordOf(query, 'commandType');
    if (command === UPDATE) this.ofRows(query.fields.get('targetList') ?? []);
    if (command === UPDATE || command === DELETE) {
      this.ofRows(nodesIn(query, 'jointree').flatMap((join) => join.fields.get('quals') ?? []));
    }
    if (command === UPDATE || command === INSERT || command === DELETE) {
      this.immutable(query.fields.get('returningList') ?? []);
    }
    for (const conflict of nodesIn(query, 'onConflict')) {
      this.immutable(conflict.fields.get('arbiterWhere') ?? []);
      this.immutable(conflict.fields.get('onConflictSet') ?? []);
      this.immutable(conflict.fields.get('onConflictWhere') ?? []);
    }
  }

  /** Everything must be immutable. */
  private immutable(tree: Tree): void {
    if (isNode(tree)) this.refuse(this.calledBy(tree).filter(({ volatility }) => volatility !== 'immutable'));
    for (const part of partsOf(tree)) this.immutable(part);
  }

  /** Computed for each row: stable functions may only have constants. Returns whether the value depends on a column. */
  private ofRows(tree: Tree): boolean {
    if (!isNode(tree)) return partsOf(tree).filter((part) => this.ofRows(part)).length > 0;
    if (tree.kind === 'VAR') return true;
    if (tree.kind === 'QUERY') return false;
    if (tree.kind === 'CASEEXPR' || tree.kind === 'COALESCEEXPR') {
      this.immutable(tree);
      return false;
    }
    const ofColumn = partsOf(tree).filter((part) => this.ofRows(part)).length > 0;
    const called = this.calledBy(tree).filter(({ volatility }) => volatility !== 'immutable');
    this.refuse(called.filter(({ volatility }) => volatility === 'volatile' || ofColumn));
    return ofColumn && called.length === 0;
  }

  private refuse(called: readonly KnownFunction[]): void {
    for (const { name } of called) this.refused.add(name);
  }

  private calledBy(node: TreeNode): KnownFunction[] {
    const ids = CALLS.map((field) => wordOf(node, field));
    if (node.kind === 'COERCEVIAIO') {
      ids.push(...nodesIn(node, 'arg').map((value) => this.outputOf(value)));
      ids.push(this.functions.ofTypes.get(wordOf(node, 'resulttype'))?.input ?? '');
    }
    return ids
      .flatMap((id) => this.functions.byId.get(id) ?? [])
      .flatMap((called) => {
        if (!TEXT_WITH_OTHER.has(called.name)) return called;
        const outputs = nodesIn(node, 'args').map((value) => this.functions.byId.get(this.outputOf(value)));
        return outputs.flatMap((output) => output ?? []);
      });
  }

  private outputOf(value: TreeNode): string {
    const type = TYPES.map((field) => wordOf(value, field)).find((id) => id !== '') ?? '';
    return this.functions.ofTypes.get(type)?.output ?? '';
  }
}

/** Fields with the function that a node calls. */
const CALLS = ['funcid', 'opfuncid', 'aggfnoid', 'winfnoid'];

/** Fields with the type of a node's value. */
const TYPES = [
  'vartype',
  'consttype',
  'paramtype',
  'funcresulttype',
  'opresulttype',
  'resulttype',
  'coalescetype',
  'casetype',
  'minmaxtype',
  'aggtype',
  'wintype',
  'array_typeid',
  'refrestype',
];

/** `||` of a text and another value. PostgreSQL puts the cast of that value in its place before Citus looks. */
const TEXT_WITH_OTHER = new Set(['textanycat', 'anytextcat']);

const isNode = (tree: Tree): tree is TreeNode => typeof tree === 'object' && 'kind' in tree;

function partsOf(tree: Tree): readonly Tree[] {
  if (typeof tree === 'string') return [];
  return isNode(tree) ? [...tree.fields.values()].flat() : tree;
}

function wordOf(node: TreeNode, field: string): string {
  const word = node.fields.get(field)?.[0];
  return typeof word === 'string' ? word : '';
}

/** The nodes of a field that has one or a list of them. */
const nodesIn = (node: TreeNode, field: string): TreeNode[] => (node.fields.get(field) ?? []).flat().filter(isNode);
