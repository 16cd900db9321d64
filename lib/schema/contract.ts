/**
 * Expand, then contract: a migration adds, and what nobody uses any more is taken away by a later one, whose name says so:
 * `20270101000000_contract_0_2_0_old_column` takes away what version 0.2.0 and newer ones do not use.
 */

const CONTRACT = /^\d{14}_contract_(\d+)_(\d+)_(\d+)_[a-z0-9_]+$/;

type Version = readonly [major: number, minor: number, patch: number];
/** `isPreRelease`: one that comes before the version of these numbers, as `1.2.0-rc.1` before `1.2.0` */
type RunningVersion = readonly [...numbers: Version, isPreRelease: boolean];

/** The oldest version that lives with a migration that takes something away; null where it takes nothing away. */
export function contractedFor(name: string): Version | null {
  const [, major, minor, patch] = CONTRACT.exec(name) ?? [];
  return major === undefined ? null : [Number(major), Number(minor), Number(patch)];
}

/** Semantic Versioning 2.0.0; what is built of the same numbers (`+…`) is the same version. */
const VERSION = /^(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** @param text as in package.json: `0.1.0`, `1.2.0-rc.1` */
export function parseVersion(text: string): RunningVersion {
  const [, major, minor, patch, preRelease] = VERSION.exec(text) ?? [];
  if (major === undefined) throw new RangeError(`not a version: ${text}`);
  return [Number(major), Number(minor), Number(patch), preRelease !== undefined];
}

/** Two pre-releases of the same numbers count as the same. */
export function isOlder(version: Version | RunningVersion, than: Version | RunningVersion): boolean {
  const at = [0, 1, 2].find((index) => version[index] !== than[index]);
  if (at !== undefined) return Number(version[at]) < Number(than[at]);
  return version[3] === true && than[3] !== true;
}
