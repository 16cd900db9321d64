/**
 * Expand, then contract: a migration adds, and what nobody uses any more is taken away by a later one, whose name says so:
 * `20270101000000_contract_0_2_0_old_column` takes away what version 0.2.0 and newer ones do not use.
 */

const CONTRACT = /^\d{14}_contract_(\d+)_(\d+)_(\d+)_[a-z0-9_]+$/;

type Version = readonly [major: number, minor: number, patch: number];

/** The oldest version that lives with a migration that takes something away; null where it takes nothing away. */
export function contractedFor(name: string): Version | null {
  const [, major, minor, patch] = CONTRACT.exec(name) ?? [];
  return major === undefined ? null : [Number(major), Number(minor), Number(patch)];
}

/** @param text as in package.json: `0.1.0` */
export function parseVersion(text: string): Version {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
  if (major === undefined) throw new RangeError(`not a version: ${text}`);
  return [Number(major), Number(minor), Number(patch)];
}

export function isOlder(version: Version, than: Version): boolean {
  const at = version.findIndex((part, index) => part !== than[index]);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
}
