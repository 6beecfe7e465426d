import type { FlowDetails } from '@/lib/flows/queries';
import type { HeadedFlow } from './flow-header';

/** What the head of a page shows of a flow: the rest stays on the server. */
export const headed = ({ id, name, state, version, isChanged, attention, inside }: FlowDetails): HeadedFlow => ({
  ...{ id, name, state, version, isChanged, attention, inside },
});
