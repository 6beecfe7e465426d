// The result type of all measurements, and the calculations that they share.

/** One line of the table. Times are in milliseconds, rates per second. */
export type Line = {
  work: string;
  /** The reference, measured in the same run; null if the goal is absolute. */
  limit: { what: string; value: number } | null;
  value: number;
  unit: 'ms' | 'per s' | 'MB' | '';
  /** value / limit; null without a limit. */
  ratio: number | null;
  goal: string;
  met: boolean;
  /** Every round, in order. */
  rounds: { value: number; limit?: number }[];
};

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The quantile: the value that a `share` (0 to 1) of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}

/** The duration of some work in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The p95 of sequential calls, against an absolute goal in milliseconds. */
export function absolute(work: string, times: readonly number[], goal: number, share = 0.95): Line {
  const value = percentile(times, share);
  return {
    work,
    limit: null,
    value,
    unit: 'ms',
    ratio: null,
    goal: `${share === 0.95 ? 'p95 ' : ''}under ${goal} ms`,
    met: value < goal,
    rounds: times.map((time) => ({ value: time })),
  };
}

/** Rounds of ours and of the reference, alternating: the median ratio counts. */
export function relative(
  line: Pick<Line, 'work' | 'unit'> & { limit: string; atLeast?: number; atMost?: number },
  rounds: readonly { value: number; limit: number }[],
): Line {
  const ratio = median(rounds.map((round) => round.value / round.limit));
  return {
    work: line.work,
    limit: { what: line.limit, value: median(rounds.map((round) => round.limit)) },
    value: median(rounds.map((round) => round.value)),
    unit: line.unit,
    ratio,
    goal: line.atLeast !== undefined ? `at least ${line.atLeast}` : `at most ${line.atMost}`,
    met: line.atLeast !== undefined ? ratio >= line.atLeast : ratio <= (line.atMost ?? 0),
    rounds: [...rounds],
  };
}
