/** The OpenAPI contracts that lie beside the project, which the sandbox of a test run holds every exchange against. */
import { z } from 'zod';
import { contractsBeside } from '#sandbox/contracts/watch-services.ts';

const reportSchema = z.object({
  checked: z.record(z.string(), z.record(z.string(), z.number())),
  violations: z.array(z.string()),
});

/** What a sandbox says of the requests that it got and of its own answers. */
export type ContractReport = z.infer<typeof reportSchema>;

/** Why nothing can be held against the contracts; null where it can. */
export function contractsMissing(): string | null {
  const found = contractsBeside();
  return 'folder' in found ? null : `The contracts are not there: ${found.missing.join(', ')}`;
}

/** The setting that makes a sandbox watch; none where the contracts are missing. */
export function watchSetting(): Readonly<Record<string, string>> {
  const found = contractsBeside();
  return 'folder' in found ? { SANDBOX_CONTRACTS: found.folder } : {};
}

/** Asks the sandbox at this address (its pages' address). */
export async function contractReport(sandboxHttp: string): Promise<ContractReport> {
  const response = await fetch(new URL('/sandbox/control/contracts', sandboxHttp));
  return reportSchema.parse(await response.json());
}
