// What the last look compared, and values that too many people share to be listed as pairs.
import { Link } from '@/components/ui/link';
import type { DuplicatesStatus } from '@/lib/duplicates/schema';
import { PAIRED_MAX } from '@/lib/duplicates/schema';
import { LOOKED_FOR, REASON_NAMES } from './words';

const number = (value: number) => value.toLocaleString('en-GB');

export function AboutLook({ slug, status }: { slug: string; status: DuplicatesStatus }) {
  const { compared, callingCode, crowds } = status;
  return (
    <div className="mb-4 flex flex-col gap-2">
      <details>
        <summary className="text-muted cursor-pointer">What is compared</summary>
        <div className="mt-2 flex max-w-prose flex-col gap-2">
          <p>{LOOKED_FOR}</p>
          {callingCode !== null && (
            <p>
              Phone numbers without a country are taken as numbers of +{callingCode}, like most of the numbers in this
              section.
            </p>
          )}
          <p>
            Compared in the last look: {number(compared.email)} email addresses, {number(compared.phone)} phone numbers,
            and the names of {number(compared.name)} people whose birthday is known.
          </p>
          {compared.name === 0 && <p>Nobody has both a name and a birthday, so no pairs are found by these.</p>}
        </div>
      </details>
      {crowds.length > 0 && (
        <details>
          <summary className="text-muted cursor-pointer">
            {crowds.length === 1 ? 'A value is' : `${crowds.length} values are`} shared by more than {PAIRED_MAX} people
            and not listed as pairs
          </summary>
          <ul className="mt-2 flex flex-col gap-1">
            {crowds.map(({ reason, people, profileId, name, shared }) => (
              <li key={`${reason} ${profileId}`} className="wrap-anywhere">
                {REASON_NAMES[reason]} <bdi className="font-medium">{shared}</bdi>: {number(people)} people
                {reason !== 'name' && (
                  <>
                    , such as{' '}
                    <Link href={`/${slug}/profiles/${profileId}`} className="underline">
                      <bdi>{name}</bdi>
                    </Link>
                  </>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
