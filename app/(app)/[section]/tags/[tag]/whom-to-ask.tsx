// For people who may not change a tag: who can.
import { cardClass } from '@/components/ui/display';

export function WhomToAsk({ people }: { people: readonly { name: string; email: string }[] }) {
  return (
    <section className={`${cardClass} p-4`} aria-labelledby="ask">
      <h2 id="ask" className="mb-1 font-semibold">
        Something to change?
      </h2>
      <p className="text-muted">
        Account Owners and Admins can rename, describe, colour, merge and hide tags. Ask{' '}
        {people.map(({ name, email }, index) => (
          <span key={email}>
            {index > 0 && (index === people.length - 1 ? ' or ' : ', ')}
            <a href={`mailto:${email}`} className="text-accent-ink underline">
              {name}
            </a>
          </span>
        ))}
        .
      </p>
    </section>
  );
}
