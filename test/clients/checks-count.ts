// What a client program has printed, counted.

export interface Count {
  passed: number
  failed: number
  /** What was printed, and what is to be said of it. */
  output: string
}

const checkPattern = /^(ok|not ok) \S/gm

/** @param problem how the program ended, when it did not end well */
export function countChecks(output: string, problem?: string): Count {
  const words = [...output.matchAll(checkPattern)].map(([, word]) => word)
  const passed = words.filter((word) => word === 'ok').length
  const failed = words.length - passed
  // A program that ends badly without naming a failure, or that checks nothing, has failed once.
  if (problem) return { passed, failed: Math.max(failed, 1), output: `${output}${problem}\n` }
  return words.length > 0 ? { passed, failed, output } : { passed, failed: 1, output: `${output}it printed no check\n` }
}
