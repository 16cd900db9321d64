/**
 * The mapping of a live connector: what its pages and its API call. Each takes the parts of this process, who does it,
 * and its input; each returns what came of it and throws only `NotAllowed`, or what the database throws.
 */
export { type ApplyInput, type ApplyResult, applyVersion, type ChangedMeanwhile, discardProposal } from './apply.ts';
export {
  type ApprovalSetting,
  type ApproveResult,
  approvalSetting,
  approveVersion,
  declineVersion,
  type RequestApprovalResult,
  requestApproval,
  setApprovalDemanded,
} from './approval.ts';
export {
  type DifferenceCounts,
  type DifferenceInput,
  type DifferenceKind,
  type DifferencePage,
  type DifferenceRow,
  differenceRows,
  type VersionDifference,
  versionDifference,
} from './difference.ts';
export { errorsCsv, versionCsv } from './downloads.ts';
export { type MapNumberInput, type MapNumberResult, mapNumber } from './map-number.ts';
export type { MappingParts } from './parts.ts';
export { type ProposeInput, type ProposeResult, proposeVersion } from './propose.ts';
export type { VersionSummary } from './version-summary.ts';
export { findVersion, listVersions, restoreVersion, type VersionList } from './versions.ts';
