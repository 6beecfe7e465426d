'use client';
// Who this is at a glance: initials, name, keys, since when, when last seen, and what they agreed to.
import { Ban, CircleCheck, CircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import { DateTime } from '@/components/ui/date-time';
import { Initials } from '@/components/ui/initials';
import { CHANNEL_NAMES } from '@/lib/consents/words';
import { CHANNELS, type ConsentType } from '@/lib/consents/schema';
import type { Glance } from '@/lib/people/glance';
import type { Keyspace, ProfileDetails } from '@/lib/profiles/schema';

type Props = { profile: ProfileDetails; keyspaces: Keyspace[]; glance: Glance; actions: ReactNode };

export function ProfileHeader({ profile, keyspaces, glance, actions }: Props) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3 pb-4">
      <div className="flex min-w-0 flex-1 basis-80 items-start gap-3">
        <Initials name={profile.name} size="large" />
        <div className="min-w-0">
          <h1 className="line-clamp-3 text-xl font-semibold wrap-anywhere" title={profile.name}>
            <bdi>{profile.name}</bdi>
          </h1>
          <ul className="text-muted mt-0.5 flex flex-wrap gap-x-4" aria-label="Keys">
            {profile.keys.map(({ keyspaceId, key }) => (
              <li key={`${keyspaceId} ${key}`} className="min-w-0">
                <span className="text-xs">{keyspaces.find(({ id }) => id === keyspaceId)?.name}</span>{' '}
                <span className="text-ink wrap-anywhere select-all">{key}</span>
              </li>
            ))}
          </ul>
          <ul className="text-muted mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-[13px]" aria-label="At a glance">
            <li>
              Added <DateTime value={profile.createdAt} exact />
            </li>
            <li>
              {glance.lastSeen === null ? (
                'No activity yet'
              ) : (
                <>
                  Last seen <DateTime value={glance.lastSeen} />
                </>
              )}
            </li>
            <ConsentSummary consents={glance.consents} />
          </ul>
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-2">{actions}</div>
    </header>
  );
}

const STANDS: Record<ConsentType, 'in' | 'out' | 'open'> = {
  'opt-in': 'in',
  'confirmed-opt-in': 'in',
  'pending-opt-in': 'open',
  'opt-out': 'out',
};

/** By channel: how many topics they agreed to, and how many they declined. */
function ConsentSummary({ consents }: Pick<Glance, 'consents'>) {
  if (consents.length === 0) return <li>No consent recorded</li>;
  return CHANNELS.flatMap((channel) => {
    const types = consents.filter((consent) => consent.channel === channel).map(({ type }) => STANDS[type]);
    if (types.length === 0) return [];
    const count = (kind: 'in' | 'out' | 'open') => types.filter((type) => type === kind).length;
    const worst = count('out') > 0 ? 'out' : count('open') > 0 ? 'open' : 'in';
    const Icon = { in: CircleCheck, open: CircleDashed, out: Ban }[worst];
    const words = [
      count('in') > 0 && `${count('in')} opted in`,
      count('open') > 0 && `${count('open')} not confirmed`,
      count('out') > 0 && `${count('out')} opted out`,
    ].filter(Boolean);
    return [
      <li key={channel} className={worst === 'out' ? 'text-danger font-medium' : undefined}>
        <Icon aria-hidden className="mr-1 inline size-3.5 align-[-2px]" />
        {CHANNEL_NAMES[channel]}: {words.join(', ')}
      </li>,
    ];
  });
}
