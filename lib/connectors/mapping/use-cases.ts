/**
 * The mapping of a live connector: what its pages and its API call. Each takes the parts of this process, who does it,
 * and its input; each returns what came of it and throws only `NotAllowed`, or what the database throws.
 */
export { type ApplyInput, type ApplyResult, applyVersion, type ChangedMeanwhile, discardProposal } from './apply.ts';
export {
  type ApproveResult,
  approveVersion,
  declineVersion,
  type RequestApprovalResult,
  requestApproval,
} from './approval.ts';
export { type ApprovalSetting, approvalSetting, setApprovalDemanded } from './approval-setting.ts';
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
export type { MappingParts, ReadingParts } from './parts.ts';
export {
  type ProposeAgainResult,
  type ProposeInput,
  type ProposeResult,
  proposeAgain,
  proposeVersion,
} from './propose.ts';
export type { VersionSummary } from './version-summary.ts';
export { findVersion, listVersions, type RestoreResult, restoreVersion, type VersionList } from './versions.ts';
