// Where certificates are kept between runs: a folder of this user alone.
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** The folder cannot be used. The message is one line for a person. */
export class FolderError extends Error {
  override readonly name = 'FolderError'
}

export interface Environment {
  XDG_CACHE_HOME?: string
  HOME?: string
}

/**
 * The cache of this user, or a folder of its own below the one for temporary files when that cannot be written (a read-only file system).
 * @returns `undefined` when nothing can be written at all
 */
export function defaultFolder(environment: Environment): string | undefined {
  const cache = environment.XDG_CACHE_HOME?.startsWith('/') ? environment.XDG_CACHE_HOME : join(environment.HOME || homedir(), '.cache')
  const candidates = [join(cache, 'kubedouble'), join(tmpdir(), `kubedouble-${userInfo().uid}`)]
  return candidates.find((folder) => accessProblem(folder) === undefined && isOursAlone(folder))
}

/** @throws {FolderError} when it cannot be made or written */
export function requireFolder(folder: string): string {
  const problem = accessProblem(folder)
  if (problem) throw new FolderError(`${folder} ${problem}: name a folder you may write with --cert-dir`)
  return folder
}

function accessProblem(folder: string): string | undefined {
  const probe = asideOf(join(folder, 'probe'))
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(probe, '', { mode: 0o600, flag: 'wx' })
    rmSync(probe)
    return undefined
  } catch (error) {
    return `cannot be written (${(error as Error).message})`
  }
}

/** Below a folder that everybody may write, somebody else may have been first. A folder that was named is taken as it is: volumes are often open to all. */
function isOursAlone(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
}

const asideOf = (path: string) => `${path}.${process.pid}.${randomBytes(4).toString('hex')}`

/** @returns `undefined` when there is no such file, or it cannot be read */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The file is there with all of its text or not at all, whatever happens and whoever writes at the same moment. */
export function writeWhole(path: string, text: string, mode = 0o600): void {
  const aside = asideOf(path)
  try {
    writeFileSync(aside, text, { mode, flag: 'wx' })
    renameSync(aside, path)
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Writes unless the file is there: of two processes at once, one wins. @returns the text that is in the file now */
export function writeFirst(path: string, text: string): string {
  const aside = asideOf(path)
  try {
    writeFileSync(aside, text, { mode: 0o600, flag: 'wx' })
    linkSync(aside, path)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readFileSync(path, 'utf8')
    // A file system without links: the last of two writers wins, and the other notices at its next start.
    renameSync(aside, path)
    return text
  } finally {
    rmSync(aside, { force: true })
  }
}
