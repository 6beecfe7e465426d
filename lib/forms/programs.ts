// Whether a visitor is a program, as far as it says so itself.
import { isbot } from 'isbot';

/** Asked twice for each visitor, with a pattern of some thousand characters; few browsers call themselves differently. */
const known = new Map<string, boolean>();
const KNOWN_MAX = 1_000;
const LONGEST = 500;

/** Whether it calls itself a program, or nothing. `agent`: what it calls itself. */
export function isProgram(agent: string): boolean {
  if (agent === '') return true;
  if (agent.length > LONGEST) return isbot(agent);
  let found = known.get(agent);
  if (found === undefined) {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(agent, (found = isbot(agent)));
  }
  return found;
}
