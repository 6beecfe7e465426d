// How the audit log names a flow.
import type { FlowId } from '@/lib/db/ids';

export const ofFlow = (id: FlowId) => `flow:${id}`;
