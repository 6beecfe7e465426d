'use client';
// API keys that use a tag, that are already refused, and that would be after the change in the dialog.
import { Banner } from '@/components/ui/display';
import type { TagUseView } from '@/lib/accounts/tag-use';
import type { Permission } from '@/lib/tags/schema';

type Props = { uses: TagUseView[]; before: Permission[]; after: Permission[] };

export function UseByClients({ uses, before, after }: Props) {
  const would = uses.flatMap((use) => {
    const [was, is] = [before, after].map((list) => list.find(({ keyspaceId }) => keyspaceId === use.keyspaceId));
    const lost = [
      ...(was?.canRead && !is?.canRead && use.reads > 0 ? [counted(use.reads, 'read')] : []),
      ...(was?.canWrite && !is?.canWrite && use.writes > 0 ? [counted(use.writes, 'write')] : []),
    ];
    return lost.length > 0 ? [{ use, lost: lost.join(' and ') }] : [];
  });
  const denied = uses.filter(({ deniedReads, deniedWrites }) => deniedReads + deniedWrites > 0);
  return (
    <>
      {would.length > 0 && (
        <Banner tone="warning">
          This would break what these API keys do (in the last 30 days):
          <ul className="mt-1 list-disc pl-5">
            {would.map(({ use, lost }) => (
              <li key={`${use.apiKey}:${use.keyspaceId}`}>
                {use.apiKey}: {lost} through {use.keyspace}
              </li>
            ))}
          </ul>
        </Banner>
      )}
      {denied.length > 0 && (
        <Banner>
          Refused in the last 30 days:
          <ul className="mt-1 list-disc pl-5">
            {denied.map(({ apiKey, keyspaceId, keyspace, deniedReads, deniedWrites }) => (
              <li key={`${apiKey}:${keyspaceId}`}>
                {apiKey}:{' '}
                {[
                  ...(deniedReads > 0 ? [counted(deniedReads, 'read')] : []),
                  ...(deniedWrites > 0 ? [counted(deniedWrites, 'write')] : []),
                ].join(' and ')}{' '}
                through {keyspace}
              </li>
            ))}
          </ul>
        </Banner>
      )}
    </>
  );
}

const counted = (count: number, what: string) => `${count.toLocaleString('en-GB')} ${what}${count === 1 ? '' : 's'}`;
