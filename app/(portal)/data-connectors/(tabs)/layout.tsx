import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { DataConnectorsTabs } from '#components/frame/data-connectors-tabs.tsx';
import * as text from '#components/text/text.ts';

export const metadata: Metadata = { title: text.frame.dataConnectors };

export default function DataConnectorsLayout({ children }: { readonly children: ReactNode }) {
  return <DataConnectorsTabs>{children}</DataConnectorsTabs>;
}
