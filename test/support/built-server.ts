// The built command in a process of its own, which ends with this one at the latest.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** KUBEDOUBLE names another build of it. */
export const command = process.env.KUBEDOUBLE ?? join(import.meta.dirname, '..', '..', 'dist', 'kubedouble.js')
const startMillisMax = 60_000

/** Where it listens, as it says with `--output json`. */
export interface Ready {
  http: string
  https: string
  grpc: string
}

/** @param words the program and its arguments */
export function spawnServer([program, ...words]: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, words, options)
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  return child
}

/** @param said what it has said meanwhile, for the error @throws when it ends before it is ready, or takes too long */
export async function readyOf(child: ChildProcess, said: () => string = () => ''): Promise<Ready> {
  const deadline = setTimeout(() => child.kill('SIGKILL'), startMillisMax)
  const line = await Promise.race([
    once(createInterface(child.stdout as NodeJS.ReadableStream), 'line').then(([text]) => text as string),
    once(child, 'exit').then(() => undefined),
  ])
  clearTimeout(deadline)
  if (line === undefined) throw new Error(`kubedouble has ended before it was ready ${said()}`.trimEnd())
  return JSON.parse(line) as Ready
}

export const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1))
