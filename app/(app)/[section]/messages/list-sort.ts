// The order of the list of messages.
import type { MessageOrder } from '@/lib/messages/queries';

/** `ascending`: least first. */
export type ListSort = { order: MessageOrder; ascending: boolean };

/** For the address. */
export const sortInAddress = ({ order, ascending }: ListSort): string => (ascending ? `${order}-up` : order);
