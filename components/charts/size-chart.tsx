'use client';
// The size of a segment over time, as recorded each night and whenever its rules changed; also as a table.
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { tableClass, TableHead } from '@/components/ui/display';
import { axisStyle, dayOf, timeAxis, tooltipStyle } from './chart-style';

/** `at`: ISO 8601, oldest first. */
export function SizeChart({ sizes }: { sizes: readonly { at: string; profiles: number }[] }) {
  const rows = sizes.map(({ at, profiles }) => ({ time: Date.parse(at), Profiles: profiles }));
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="h-44 overflow-hidden" aria-hidden>
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 480, height: 176 }}>
          <AreaChart data={rows} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis dataKey="time" {...timeAxis} domain={[...timeAxis.domain]} tickFormatter={dayOf} />
            <YAxis width={52} allowDecimals={false} {...axisStyle} />
            <Tooltip
              labelFormatter={(time) => new Date(Number(time)).toLocaleString('en-GB')}
              formatter={(value) => Number(value).toLocaleString('en-GB')}
              contentStyle={tooltipStyle}
            />
            <Area
              type="monotone"
              dataKey="Profiles"
              stroke="var(--accent)"
              fill="var(--accent)"
              fillOpacity={0.2}
              strokeWidth={2}
              dot={rows.length < 15}
              isAnimationActive={false}
            />
          </AreaChart>
        </ResponsiveContainer>
      </div>
      <details>
        <summary className="text-muted cursor-pointer text-[13px]">Show as a table</summary>
        <div className="mt-2 max-h-64 relative overflow-auto" tabIndex={0} role="region" aria-label="Size over time">
          <table className={tableClass.table}>
            <TableHead titles={['When (UTC)', 'Profiles']} />
            <tbody>
              {[...sizes].reverse().map(({ at, profiles }) => (
                <tr key={at} className={tableClass.row}>
                  <td className={tableClass.cell}>{at.slice(0, 16).replace('T', ' ')}</td>
                  <td className={tableClass.cell}>{profiles.toLocaleString('en-GB')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}
