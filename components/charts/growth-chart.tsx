'use client';
// The growth of a tag: applications by source, stacked, and a line for the profiles that have it (below the areas after removals,
// back up when these are undone). The same data is available as a table.
import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { tableClass, TableHead } from '@/components/ui/display';
import type { GrowthPoint } from '@/lib/tags/schema';
import { sourceName } from '@/lib/tags/source';
import { ChartLegend } from './chart-legend';
import { axisStyle, dayOf, timeAxis, tooltipStyle } from './chart-style';

const COLOURS = [
  '#0b8a80',
  '#c2703d',
  '#5b6fd6',
  '#b0418c',
  '#7a9a2e',
  '#8a8f98',
  '#d1a32f',
  '#3d9bd1',
  '#9b5de5',
  '#e0565b',
];

const TOTAL = 'On profiles';

const DAY_MS = 86_400_000;

type Row = { time: number; [source: string]: number };

export function GrowthChart({ points }: { points: readonly GrowthPoint[] }) {
  const { rows, sources } = cumulative(points);
  return (
    <div className="flex flex-col gap-3">
      <div className="h-64 overflow-hidden" aria-hidden>
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 256 }}>
          <ComposedChart data={rows} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis dataKey="time" {...timeAxis} domain={[...timeAxis.domain]} tickFormatter={dayOf} />
            <YAxis width={48} allowDecimals={false} {...axisStyle} />
            <Tooltip labelFormatter={(time) => dayOf(Number(time))} contentStyle={tooltipStyle} />
            {sources.map((source, index) => (
              <Area
                key={source}
                type="stepAfter"
                dataKey={source}
                stackId="all"
                stroke={COLOURS[index % COLOURS.length]}
                fill={COLOURS[index % COLOURS.length]}
                fillOpacity={0.35}
                isAnimationActive={false}
              />
            ))}
            <Line
              type="stepAfter"
              dataKey={TOTAL}
              stroke="var(--ink)"
              strokeWidth={2}
              dot={false}
              isAnimationActive={false}
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <ChartLegend names={sources} colours={COLOURS}>
        <li className="flex items-center gap-1.5">
          <span aria-hidden className="bg-ink h-0.5 w-3" />
          {TOTAL}
        </li>
      </ChartLegend>
      <details>
        <summary className="text-muted cursor-pointer text-[13px]">Show as a table</summary>
        <GrowthTable points={points} />
      </details>
    </div>
  );
}

function GrowthTable({ points }: { points: readonly GrowthPoint[] }) {
  return (
    <div
      className="mt-2 max-h-72 relative overflow-auto"
      tabIndex={0}
      role="region"
      aria-label="Applied and removed by day and source"
    >
      <table className={tableClass.table}>
        <TableHead titles={['Day', 'Source', 'Applied', 'Removed']} />
        <tbody>
          {[...points].reverse().map((point) => (
            <tr key={`${point.day} ${point.source}`} className={tableClass.row}>
              <td className={tableClass.cell}>{point.day}</td>
              <td className={tableClass.cell}>{sourceName(point.source)}</td>
              <td className={tableClass.cell}>{point.applied.toLocaleString('en-GB')}</td>
              <td className={tableClass.cell}>{point.removed.toLocaleString('en-GB')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** At the end of each day: cumulative applications by source, and the number of profiles with the tag. From zero to today. */
function cumulative(points: readonly GrowthPoint[]): { rows: Row[]; sources: string[] } {
  const sources = [...new Set(points.filter(addsToArea).map(({ source }) => sourceName(source)))];
  const applied = new Map(sources.map((source) => [source, 0]));
  let total = 0;
  const rowAt = (time: number): Row => ({ time, ...Object.fromEntries(applied), [TOTAL]: total });
  const rows: Row[] = points[0] ? [rowAt(timeOf(points[0].day) - DAY_MS)] : [];
  for (const point of points) {
    total += point.applied - point.removed;
    const name = sourceName(point.source);
    if (addsToArea(point)) applied.set(name, (applied.get(name) ?? 0) + point.applied);
    const time = timeOf(point.day);
    if (rows.at(-1)?.time === time) rows.pop();
    rows.push(rowAt(time));
  }
  const today = timeOf(new Date().toISOString().slice(0, 10));
  if (rows.length > 0 && rows.at(-1)!.time < today) rows.push(rowAt(today));
  return { rows, sources };
}

/** An undo restores tags that are already in the area of their first source. */
const addsToArea = ({ source, applied }: GrowthPoint) => applied > 0 && source !== 'undo';

const timeOf = (day: string) => Date.parse(`${day}T00:00:00Z`);
