'use client';

import { Button, type ButtonProps } from '@fluentui/react-components';
import { ArrowUploadRegular } from '@fluentui/react-icons';
import { useRouter } from 'next/navigation';
import { uploadAddress } from './addresses.ts';
import { useChosenFile } from './chosen-file.tsx';
import { FilePicker } from './file-picker.tsx';

export interface UploadButtonProps {
  readonly connectorId: string;
  readonly label: string;
  readonly appearance?: ButtonProps['appearance'];
}

/** Asks for a file, and goes to the page that checks it. */
export function UploadButton({ connectorId, label, appearance = 'secondary' }: UploadButtonProps) {
  const router = useRouter();
  const { hold, reason } = useChosenFile();
  return (
    <FilePicker
      label={label}
      onChoose={(file) => {
        reason.current = '';
        hold({ file, became: null });
        router.push(uploadAddress(connectorId));
      }}
    >
      {(pick) => (
        <Button appearance={appearance} icon={<ArrowUploadRegular />} onClick={pick}>
          {label}
        </Button>
      )}
    </FilePicker>
  );
}
