// The setting of how many rows one call asks for.
import { z } from 'zod';

export const pageSizeUpTo = (most: number) => {
  const message = `Enter a whole number from 1 to ${most}.`;
  return z.coerce.number(message).int(message).min(1, message).max(most, message);
};
