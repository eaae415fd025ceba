// The releases of Node that the package is tried on: whole ones, with headers, from the npm packages that carry them.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { must } from './command.js'

/** The last of each line when this was written. */
export const releases: Readonly<Record<string, string>> = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' }

export interface Node {
  readonly release: string
  readonly executable: string
  /** To run npm, and whatever it runs, on this Node. */
  readonly environment: NodeJS.ProcessEnv
}

/** Fetches it once for all runs of this machine. */
export async function nodeOf(release: string): Promise<Node> {
  const folder = join(tmpdir(), `kubedouble-nodes-${userInfo().username}`, release)
  const name = `node-${process.platform}-${process.arch}`
  const root = join(folder, 'node_modules', name)
  if (!existsSync(join(root, 'bin', 'node'))) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{}')
    await must('npm', ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${release}`], { cwd: folder })
  }
  // Native code is compiled with the headers that lie beside: node-gyp would fetch others.
  const environment = { ...process.env, PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}`, npm_config_nodedir: root }
  return { release, executable: join(root, 'bin', 'node'), environment }
}
