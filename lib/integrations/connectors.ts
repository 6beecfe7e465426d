// All connectors. A new one: its folder, and one line here.
import type { AnyConnector } from './connector';
import { dynamics } from './dynamics/connector';
import { efficy } from './efficy/connector';
import { generic } from './generic/connector';
import { lime } from './lime/connector';
import { tribe } from './tribe/connector';
import { webcrm } from './webcrm/connector';

/** In the order in which the form lists them. */
export const CONNECTORS: readonly AnyConnector[] = [lime, webcrm, dynamics, tribe, efficy, generic];

/** A connector by its kind. Throws if this version does not have it. */
export function connectorNamed(kind: string): AnyConnector {
  const found = CONNECTORS.find((connector) => connector.kind === kind);
  if (!found) throw new Error(`This version of Tagwell has no connector '${kind}'.`);
  return found;
}
