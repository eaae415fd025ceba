// Outcome: what one check found. All checks of conformance have this form, whatever they compare.
export interface Outcome {
  /** Where the check stands: `recordings/service-lifecycle/post-1`, `tables/columns/v1/pods`. */
  check: string
  /** One line each, empty when the answer is the real one. */
  differences: string[]
}
