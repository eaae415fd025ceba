// The notices that licenses ask for: of each package whose code is in the bundle, its name, version and license text; and
// the licenses of what an installation brings beside it, which has its texts in its own folders.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param packages as bundledPackages() has them
 * @param installed packages with name, version and license
 * @returns the text of THIRD-PARTY-NOTICES.txt
 */
export function noticesOf(root, packages, installed) {
  const byText = new Map()
  for (const each of packages) {
    const { title, text } = noticeOf(join(root, each.folder), each)
    byText.set(text, [...(byText.get(text) ?? []), title])
  }
  const notices = [...byText].map(([text, titles]) => `\n${'-'.repeat(80)}\n${[...new Set(titles)].join('\n')}\n\n${text}\n`)
  const beside = installed.map(({ name, version, license }) => `${name} ${version} (${license})\n`)
  return `Code of these packages is part of this one.\n${notices.join('')}\n${'='.repeat(80)}\nThese are installed beside it, each with its own license.\n\n${beside.join('')}`
}

/** @param metafiles of esbuild: what went into each bundle */
export function bundledPackages(root, metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs))
  const folders = new Set(inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0]).filter(Boolean))
  return [...folders].sort().map((folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    return { folder, name, version, license, author }
  })
}

function noticeOf(folder, { name, version, license, author }) {
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i.test(file) && existsSync(join(folder, file)))
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
  return { title: `${name} ${version} (${license})`, text: texts.join('\n\n') || `Copyright ${author?.name ?? author}` }
}
