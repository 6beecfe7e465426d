'use client';
// Context providers for the whole application in the browser.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { useState, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { SessionEndedDialog } from './session-ended';
import { ToastRegion } from './toasts';
import { Navigation } from './when-online';

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: 2 } } }));
  return (
    <QueryClientProvider client={client}>
      <NuqsAdapter>
        <I18nProvider locale="en-GB">
          <ToastRegion>
            <Navigation>
              {children}
              <SessionEndedDialog />
            </Navigation>
          </ToastRegion>
        </I18nProvider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}
