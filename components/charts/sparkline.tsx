// The trend of the last 30 days. The number beside it says the same in words.

const WIDTH = 84;
const HEIGHT = 22;

type SparklineProps = {
  /** The numbers, oldest first. */
  levels: readonly number[];
  /** From the first to the last. */
  change: number;
  /** Without the number: for places that show another one beside it. It is still read out. */
  bare?: boolean;
};

export function Sparkline({ levels, change, bare = false }: SparklineProps) {
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const points = levels.map((level, index) => {
    const x = (index / Math.max(1, levels.length - 1)) * WIDTH;
    const y = high === low ? HEIGHT / 2 : HEIGHT - 2 - ((level - low) / (high - low)) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const words =
    change === 0 ? '±0' : change > 0 ? `+${change.toLocaleString('en-GB')}` : change.toLocaleString('en-GB');
  return (
    <span className="inline-flex items-center gap-2" title={`${words} in 30 days`}>
      <svg width={WIDTH} height={HEIGHT} aria-hidden className="text-accent shrink-0">
        <polyline
          points={points.join(' ')}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeLinejoin="round"
        />
      </svg>
      <span className={bare ? 'sr-only' : 'text-muted text-xs'}>
        {words}
        <span className="sr-only"> in 30 days</span>
      </span>
    </span>
  );
}

/** From the net changes of each day and the present number. */
export function DailySparkline({ days, now, bare }: { days: readonly number[]; now: number; bare?: boolean }) {
  const total = days.reduce((sum, day) => sum + day, 0);
  const levels = days.reduce<number[]>((line, day) => [...line, (line.at(-1) ?? now - total) + day], []);
  return <Sparkline levels={levels} change={total} {...(bare !== undefined && { bare })} />;
}
