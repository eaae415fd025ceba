// grpcurl, built once for all test runs of this machine where Go is at hand.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

const version = 'v1.9.3'
// Fetching and compiling takes a minute on a small machine; whoever cannot do it in this time goes without.
const buildMillisMax = 240_000

/** @returns the folder that has it, or nothing where it cannot be made */
export function grpcurlFolder(): string | undefined {
  const folder = join(tmpdir(), `kubedouble-tools-${userInfo().username}`, `grpcurl-${version}`)
  if (existsSync(join(folder, 'grpcurl'))) return folder
  mkdirSync(folder, { recursive: true })
  try {
    const env = { ...process.env, GOBIN: folder }
    execFileSync('go', ['install', `github.com/fullstorydev/grpcurl/cmd/grpcurl@${version}`], { env, stdio: 'ignore', timeout: buildMillisMax })
    return folder
  } catch {
    return undefined
  }
}
