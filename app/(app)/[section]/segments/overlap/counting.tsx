'use client';
// Shows that counting is in progress, with the elapsed time.
import { LoaderCircle } from 'lucide-react';
import { useEffect, useState } from 'react';

export function Counting({ tags }: { tags: number }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((so) => so + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="inline-flex items-center gap-2">
      <LoaderCircle aria-hidden className="size-4 animate-spin" />
      <span>
        Counting {tags} tags…{seconds >= 2 && <span aria-hidden> {seconds} s</span>}
      </span>
    </span>
  );
}
