// The style of chart axes and tooltips.
import { displayDay } from '@/lib/attributes/display';

export const axisStyle = { tick: { fill: 'var(--muted)', fontSize: 12 }, stroke: 'var(--line-strong)' } as const;

export const timeAxis = {
  type: 'number',
  scale: 'time',
  domain: ['dataMin', 'dataMax'],
  minTickGap: 48,
  ...axisStyle,
} as const;

export const tooltipStyle = {
  background: 'var(--raised)',
  border: '1px solid var(--line)',
  borderRadius: 8,
  color: 'var(--ink)',
} as const;

/** '26 Nov 2026' in UTC, from milliseconds. */
export const dayOf = (time: number): string => displayDay(new Date(time).toISOString().slice(0, 10));
