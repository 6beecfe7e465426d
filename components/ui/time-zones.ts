// Time zones to choose from.
import type { Option } from './field';

/** All zones that the browser knows, and the chosen one, which may have another name here. */
export function timeZones(chosen: string): Option<string>[] {
  const all = Intl.supportedValuesOf('timeZone');
  return [...new Set([chosen, 'UTC', ...all])].map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }));
}
