// What a connection needs a person for, in a line.
import type { Trouble } from './schema';

export function troubleTitle({ kind, name, failures }: Pick<Trouble, 'kind' | 'name' | 'failures'>): string {
  if (kind === 'held') return `“${name}”: removals wait for an answer`;
  if (kind === 'waiting' || kind === 'untagged' || kind === 'gone') return `“${name}” needs attention`;
  return failures === 1 ? `“${name}” has not been synced for a day` : `The last ${failures} syncs of “${name}” failed`;
}
