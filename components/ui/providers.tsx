'use client';
// Context providers for the whole application in the browser.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { useState, type ReactNode } from 'react';
import { I18nProvider, RouterProvider } from 'react-aria-components';
import { SessionEndedDialog } from './session-ended';
import { ToastRegion } from './toasts';

export function Providers({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: 2 } } }));
  return (
    <QueryClientProvider client={client}>
      <NuqsAdapter>
        <I18nProvider locale="en-GB">
          <RouterProvider navigate={(href) => router.push(href)}>
            <ToastRegion>{children}</ToastRegion>
            <SessionEndedDialog />
          </RouterProvider>
        </I18nProvider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}
