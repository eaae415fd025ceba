// The door to YAML: most processes never see any, so the reader is loaded with the first request that needs it.

let reader: Promise<typeof import('./yaml-body.js')> | undefined

/** Awaited before a request is handled; what it gives is synchronous, so that the write path never waits. */
export function loadYAML(): Promise<typeof import('./yaml-body.js')> {
  reader ??= import('./yaml-body.js')
  return reader
}
