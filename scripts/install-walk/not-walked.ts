/** Blocks of docs/install.md that cannot be run here, and why not. Every other one is walked (guide.test.ts). */
import type { Block } from './guide.ts';

const REAL_TENANT = 'needs a tenant of Entra ID and PowerShell; the sandbox has the registration already';
const NO_ENGINE = 'needs a Docker engine';

/** By the first line of the block. */
export const NOT_WALKED: Readonly<Record<string, string>> = {
  "Connect-MgGraph -Scopes 'Application.ReadWrite.All'": REAL_TENANT,
  "Connect-MgGraph -TenantId <tenant id> -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'":
    REAL_TENANT,
  'Connect-ExchangeOnline': 'needs Exchange Online and PowerShell',
  'sh sandbox/demo-env.sh': `${NO_ENGINE}; what the script writes and what the containers start is tested by scripts/image/compose-demo.integration.test.ts`,
  'docker compose up -d --build': `${NO_ENGINE}; the image's files are built and started without one by scripts/image/tree.full.test.ts`,
  '# kustomization.yaml':
    'is a file and no command, and needs a cluster; the manifests are held against the schemas of Kubernetes by scripts/image/kubernetes.test.ts',
};

/** Why a block is not walked; null for one that is. */
export function reasonNotToWalk(block: Block): string | null {
  return NOT_WALKED[firstLine(block)] ?? null;
}

export function firstLine(block: Block): string {
  return block.commands[0]?.split('\n')[0] ?? '';
}
