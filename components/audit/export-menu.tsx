'use client';

import { Menu, MenuButton, MenuItemLink, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import { type AuditSelection, auditQuery } from '#lib/audit/selection.ts';

const words = text.audit;

/** What is selected, all of it and not this page alone, as a file. */
export function ExportMenu({ selection }: { readonly selection: AuditSelection }) {
  const query = auditQuery({ ...selection, before: null });
  const address = (format: 'csv' | 'jsonl'): string =>
    `/api/audit-log${query === '' ? '?' : `${query}&`}format=${format}`;
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <MenuButton appearance="primary" icon={<ArrowDownloadRegular />}>
          {words.export}
        </MenuButton>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItemLink href={address('csv')} download>
            {words.exportCsv}
          </MenuItemLink>
          <MenuItemLink href={address('jsonl')} download>
            {words.exportJson}
          </MenuItemLink>
          <MenuItemLink href="/api/access-review" download>
            {words.exportAccess}
          </MenuItemLink>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
