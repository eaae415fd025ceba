// An installation without what only development needs: what `npm ci --omit=dev` leaves, from what is installed here.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'

export const top = join(import.meta.dirname, '..', '..')

/** Copies them: a link would lead back to where the others can be found. */
export function installProductionPackages(folder: string): void {
  const lock = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean; optional?: boolean }> }
  for (const [path, { dev, optional }] of Object.entries(lock.packages)) {
    if (path === '' || dev || optional) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(top, path), join(folder, path), { recursive: true, filter: (source) => isPartOf(join(top, path), source) })
  }
}

/** Packages inside packages are entries of their own, and what a native package is made from is large. */
function isPartOf(root: string, source: string): boolean {
  const [first, ...rest] = source.slice(root.length + 1).split(sep)
  return first !== 'node_modules' && !(basename(root) === 'better-sqlite3' && (['deps', 'src'].includes(first) || rest.some((name) => name.startsWith('obj'))))
}

export interface Ending {
  code: number
  stdout: string
  stderr: string
}

/** Runs to the end. */
export function run(command: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv; timeout?: number }): Promise<Ending> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 100_000, ...options, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}
