// StartProblem: why the server cannot start, as one line for the person who started it.

/** The message says what is wrong and how to mend it. The command exits with code 2; library users get it as an exception. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
}

/** Turns what the system says about a port into words. Anything else is returned as it is. */
export function listenProblem(error: unknown, flag: string, address: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const place = `${address.includes(':') ? `[${address}]` : address}:${port}`
  if (code === 'EADDRINUSE')
    return new StartProblem(`${place} is in use by another process: stop it, or choose another port with ${flag} (0 takes any free one, off none)`)
  if (code === 'EACCES') return new StartProblem(`${place} may not be opened by this user: choose a port above 1023 with ${flag}`)
  if (code === 'EADDRNOTAVAIL' || code === 'EINVAL' || code === 'EAFNOSUPPORT') {
    return new StartProblem(`${address} is no address of this machine: name one with --bind-address (127.0.0.1, or 0.0.0.0 for all)`)
  }
  return error
}

// Rooms that know nothing of starting have their own words for what a person can mend.
const names = new Set(['StartProblem', 'DataFileError', 'FolderError'])

/** Whether the message is meant for the person who started the server. */
export function isStartProblem(error: unknown): error is Error {
  return error instanceof Error && names.has(error.name)
}
