// Completed and failed indexes of a Job as its status writes them: `0-2,5`.
// Upstream: pkg/controller/job/indexed_job_utils.go orderedIntervals

const form = /^\d{1,10}(?:-\d{1,10})?$/

/** Nobody has more; a status that says so is not believed. */
const indexesMax = 1_000_000

/** Indexes from `completions` on, and what cannot be read, are left out. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    if (!form.test(part)) continue
    const [first, last = first] = part.split('-').map(Number)
    for (let index = first; index <= Math.min(last, completions - 1) && indexes.size < indexesMax; index++) indexes.add(index)
  }
  return indexes
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const parts: string[] = []
  const ordered = [...indexes].sort((one, other) => one - other)
  for (let at = 0; at < ordered.length; ) {
    let end = at
    while (ordered[end + 1] === ordered[end] + 1) end++
    // Two neighbours are a list, more of them a range.
    parts.push(...(end === at ? [`${ordered[at]}`] : end === at + 1 ? [`${ordered[at]}`, `${ordered[end]}`] : [`${ordered[at]}-${ordered[end]}`]))
    at = end + 1
  }
  return parts.join(',')
}
