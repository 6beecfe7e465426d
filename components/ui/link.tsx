// A link within the product. Nothing is fetched before it is followed: every page is rendered for its reader, so all that
// a fetch ahead brings is which layouts the page has, at the price of two requests for each link in sight.
import NextLink from 'next/link';
import type { ComponentProps } from 'react';

export function Link(props: Omit<ComponentProps<typeof NextLink>, 'prefetch'>) {
  return <NextLink {...props} prefetch={false} />;
}
