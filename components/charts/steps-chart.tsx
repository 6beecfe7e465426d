// How many come to each step, one below the other, and how many leave between two: where a form loses people.

type Props = { steps: readonly { name: string; count: number }[] };

export function StepsChart({ steps }: Props) {
  const most = Math.max(1, ...steps.map(({ count }) => count));
  return (
    <ol className="flex flex-col">
      {steps.map(({ name, count }, at) => {
        const before = steps[at - 1]?.count;
        const left = before === undefined ? 0 : Math.max(0, before - count);
        return (
          <li key={at}>
            {before !== undefined && (
              <p className={`py-1 pl-3 text-[13px] ${left > before / 3 ? 'text-warning font-medium' : 'text-muted'}`}>
                {left === 0
                  ? 'nobody leaves here'
                  : `${left.toLocaleString('en-GB')} leave here (${Math.round((left / before) * 100)} %)`}
              </p>
            )}
            <div className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 wrap-anywhere">{name}</span>
              <span className="shrink-0 tabular-nums">{count.toLocaleString('en-GB')}</span>
            </div>
            <div aria-hidden className="bg-sunken h-3 overflow-hidden rounded">
              <div className="bg-accent h-full rounded" style={{ width: `${(count / most) * 100}%` }} />
            </div>
          </li>
        );
      })}
    </ol>
  );
}
