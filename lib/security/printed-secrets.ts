/**
 * Secrets that are printed in this project or that everybody knows, as SHA-256: whoever reads the project has them. They
 * are taken only where every host is this machine (`secret-strength.ts`). A test looks for others in all tracked files.
 */
import { createHash } from 'node:crypto';

const PRINTED: ReadonlySet<string> = new Set([
  // `password`, in .env.example
  '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8',
  // the client secret of the sandbox's app registration
  '122deb932510fc0d1e0b9a2b7eaaaa1aaa7cff192eb0ca36f37210b3d7f21786',
  // the account key of Azurite, in Microsoft's documentation
  '0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059',
  // the key of the simulation
  'ed93d8ef2db7d8a928c6f75ffc9a036f14c5f7df93a5e41e9901f702045f1b6a',
]);

/** Whether a secret, as it is written in a setting, is one of those. */
export function isPrintedSecret(secret: string): boolean {
  return PRINTED.has(createHash('sha256').update(secret).digest('hex'));
}
