// The enums of the contract in Kubernetes' own words, by number. What is unknown stays a number, and is refused by whoever knows the words.

const words = {
  fieldValidation: ['', 'Ignore', 'Warn', 'Strict'],
  propagationPolicy: ['', 'Orphan', 'Background', 'Foreground'],
  resourceVersionMatch: ['', 'Exact', 'NotOlderThan'],
  patchType: ['strategic', 'json', 'merge', 'strategic'],
} as const

export function wordOf(list: keyof typeof words, number: unknown = 0): string {
  return words[list][number as number] ?? String(number)
}

export const eventNumbers = { ADDED: 1, MODIFIED: 2, DELETED: 3, BOOKMARK: 4, ERROR: 5 } as const
