'use client';
// Several counts by day: the largest as an area, the others as lines; also as a table.
import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { tableClass, TableHead } from '@/components/ui/display';
import { ChartLegend } from './chart-legend';
import { axisStyle, dayOf, timeAxis, tooltipStyle } from './chart-style';

const COLOURS = ['#0b8a80', '#5b6fd6', '#c2703d', '#b0418c', '#8a8f98'];

type Props = {
  label: string;
  /** The names of the counts; the first one is drawn as an area. */
  names: readonly string[];
  /** Oldest first, each day once. `day`: YYYY-MM-DD, in UTC. `counts`: in the order of the names. */
  days: readonly { day: string; counts: readonly number[] }[];
};

export function DailyChart({ label, names, days }: Props) {
  const rows = days.map(({ day, counts }) => ({
    time: Date.parse(`${day}T00:00:00Z`),
    ...Object.fromEntries(names.map((name, index) => [name, counts[index] ?? 0])),
  }));
  const common = { type: 'monotone', isAnimationActive: false, strokeWidth: 2, dot: rows.length < 15 } as const;
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="h-64 overflow-hidden" aria-hidden>
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 256 }}>
          <ComposedChart data={rows} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis dataKey="time" {...timeAxis} domain={[...timeAxis.domain]} tickFormatter={dayOf} />
            <YAxis width={48} allowDecimals={false} {...axisStyle} />
            <Tooltip
              labelFormatter={(time) => dayOf(Number(time))}
              formatter={(value) => Number(value).toLocaleString('en-GB')}
              contentStyle={tooltipStyle}
            />
            {names.map((name, index) =>
              index === 0 ? (
                <Area key={name} {...common} dataKey={name} stroke={COLOURS[0]} fill={COLOURS[0]} fillOpacity={0.15} />
              ) : (
                <Line key={name} {...common} dataKey={name} stroke={COLOURS[index % COLOURS.length]} />
              ),
            )}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <ChartLegend names={names} colours={COLOURS} />
      <details>
        <summary className="text-muted cursor-pointer text-[13px]">Show as a table</summary>
        <div className="relative mt-2 max-h-72 overflow-auto" tabIndex={0} role="region" aria-label={label}>
          <table className={tableClass.table}>
            <TableHead titles={['Day (UTC)', ...names]} />
            <tbody>
              {days.toReversed().map(({ day, counts }) => (
                <tr key={day} className={tableClass.row}>
                  <td className={tableClass.cell}>{day}</td>
                  {names.map((name, index) => (
                    <td key={name} className={`${tableClass.cell} tabular-nums`}>
                      {(counts[index] ?? 0).toLocaleString('en-GB')}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}
