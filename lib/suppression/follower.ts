// The suppression list is of addresses: an address stays on it when its person is erased, but without the evidence.
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';
import { forgetEvidence } from './change';

export const suppressionFollower: ProfileFollower = {
  tables: ['suppression'],
  erase: (tx, { cause: { sectionId }, keys }) => forgetEvidence(tx, sectionId, keys),
  merge: noop,
};
