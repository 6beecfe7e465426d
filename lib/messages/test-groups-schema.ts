// Shapes of test groups. Imports no server code, so that the browser can use it.
import type { ProfileId, TestGroupId } from '@/lib/db/ids';

/** A test is sent while somebody waits, and is not meant for an audience. */
export const MEMBERS_MAX = 20;

export type TestGroup = { id: TestGroupId; name: string; members: { id: ProfileId; name: string }[] };

/** Why a member gets no test. `approval`: messages need approval here, and the group is no Admin's. */
export type TestMemberWhy = 'noAddress' | 'suppressed' | 'noConsent' | 'approval';

export type TestMember = { id: ProfileId; name: string; address: string | null; why: TestMemberWhy | null };
