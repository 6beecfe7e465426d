// The progress of work in words.
import type { OperationView } from '@/lib/activity/schema';

type Progress = Pick<OperationView, 'progress' | 'total' | 'attempts' | 'phaseInWords'> & { status: string };

/** 'Importing · 1,200 of 5,000 done · 800 a second · about 5 s left'. `speed`: items per second, if known. */
export function progressInWords(work: Progress, speed: number | null = null): string {
  const { status, progress, total, attempts } = work;
  if (attempts > 0) return 'A step failed and is being retried. Nothing is lost.';
  if (status === 'queued') return 'Waiting for a worker…';
  const done = `${progress.toLocaleString('en-GB')}${total ? ` of ${total.toLocaleString('en-GB')}` : ''} done`;
  const words = [work.phaseInWords, total === null && progress === 0 ? null : done];
  if (speed !== null) {
    words.push(`${Math.round(speed).toLocaleString('en-GB')} a second`);
    if (total && progress < total) words.push(`about ${timeInWords((total - progress) / speed)} left`);
  }
  return words.filter(Boolean).join(' · ') || 'Running';
}

function timeInWords(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
