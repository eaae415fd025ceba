// The notices that licenses ask for: of each package whose code is in the bundle, its name, version and license text.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param metafiles of esbuild: what went into each bundle
 * @returns the text of THIRD-PARTY-NOTICES.txt
 */
export function noticesOf(root, metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs))
  const folders = new Set(inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0]).filter(Boolean))
  const notices = [...folders].sort().map((folder) => noticeOf(join(root, folder)))
  return `Code of these packages is part of this one.\n${[...new Set(notices)].join('')}`
}

function noticeOf(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i.test(file) && existsSync(join(folder, file)))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return `\n${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n\n') || `Copyright ${author?.name ?? author}`}\n`
}
