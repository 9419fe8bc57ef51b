export type { VerifyPhase, VerifyPosition } from './checkpoint.ts'
export { checkFrame } from './frame.ts'
export type {
  FrameClient,
  FrameOptions,
  FrameProblem,
  FrameProblemCode,
  WatchedDelay,
  WatchedGroup,
} from './frame.ts'
export type { HealOptions, VerifiableIndex, VerifierOptions, VerifyOptions } from './options.ts'
export type { Difference, DifferenceKind, VerifyProgress, VerifyReport } from './report.ts'
export type { SearchClient } from './search-client.ts'
export { Verifier } from './verifier.ts'
export type { WatchOptions } from './watch.ts'
