export * from './json-patch.js'
export * from './merge-patch.js'
export type { PatchFailureKind } from './patch-failure.js'
export { applyStrategicMergePatch, type StrategicMergeResult } from './strategic-merge-patch.js'
