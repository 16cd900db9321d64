/**
 * The mapping of a live connector: what its pages and its API call. Each takes the parts of this process, who does it,
 * and its input; each returns what came of it and throws only `NotAllowed`, or what the database throws. The types of
 * inputs and results are exported by the files that have the functions.
 */
export { type ApplyInput, applyVersion, confirmationPhrase, discardProposal, SHIFTED_PHRASE } from './apply.ts';
export { approveVersion, declineVersion, requestApproval } from './approval.ts';
export { approvalSetting, setApprovalDemanded } from './approval-setting.ts';
export { type ChangeRuleInput, type ChangeRuleResult, changeRule } from './change-rule.ts';
export {
  type DifferenceKind,
  differenceRows,
  forgetDifference,
  type VersionDifference,
  versionDifference,
} from './difference.ts';
export { errorsCsv, versionCsv } from './downloads.ts';
export { fileReading } from './file-reading.ts';
export { findMembers } from './find-members.ts';
export { mapNumber } from './map-number.ts';
export type { ReadingParts } from './parts.ts';
export {
  type ProposeInput,
  type ProposeResult,
  proposeAgain,
  proposeUnlessSame,
  proposeVersion,
  type Same,
} from './propose.ts';
export type { VersionSummary } from './version-summary.ts';
export { findVersion, listVersions, restoreVersion } from './versions.ts';
export { waitForPerson } from './wait.ts';
export { type WaitingNumber, type WaitingNumbers, waitingNumbers } from './waiting-numbers.ts';
