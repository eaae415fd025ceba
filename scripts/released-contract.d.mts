// biome-ignore lint/suspicious/noExplicitAny: descriptors are plain JSON
type Files = Record<string, any>[]
type Promises = Record<string, Record<string, string>>

export const releasedPath: string
export function promisesOf(files: Files): Promises
export function brokenPromises(released: Promises, current: Promises): string[]
export function formatPromises(promises: Promises): string
export function parsePromises(text: string): Promises
export function currentFiles(): Files
