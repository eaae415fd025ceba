// README.md's commands for whoever develops, on a fresh copy of what is committed.
import { mkdirSync } from 'node:fs'
import { must, run } from './command.js'
import type { Node } from './nodes.js'
import type { Check } from './story.js'

/** @returns what is worth writing down */
export async function testSources(node: Node, { top, folder, check }: { top: string; folder: string; check: Check }): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  await must('git', ['clone', '--quiet', '--depth', '1', `file://${top}`, folder], { cwd: top })
  await check('npm ci', async () => {
    await must('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, env: node.environment, limitSeconds: 1200 })
  })
  let counts = ''
  await check('npm test', async () => {
    const { code, stdout, stderr } = await run('npm', ['test'], { cwd: folder, env: { ...node.environment, NO_COLOR: '1' }, limitSeconds: 1800 })
    counts = /^ +Tests +(.*)$/m.exec(stdout)?.[1] ?? 'no tests'
    if (code !== 0) throw new Error(`npm test: ${counts}\n${stdout.slice(-6000)}${stderr.slice(-6000)}`)
  })
  return [counts]
}
