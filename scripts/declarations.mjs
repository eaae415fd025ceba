// The declarations of the library: those that its index can reach, out of the ones that the compiler writes for every file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Copies what `index.d.ts` of one folder needs to another. Of a room's door only the lines remain through which somebody comes. */
export function copyDeclarations(from, to) {
  const statements = (file) => statementsOf(readFileSync(join(from, file), 'utf8'))
  const kept = new Map()

  /** Keeps what declares these names, and follows what that needs in turn. */
  function need(file, names) {
    const lines = kept.get(file) ?? new Map()
    kept.set(file, lines)
    for (const statement of statements(file)) {
      const { text, target } = statement
      const through = target && statement.isExport ? names.filter((name) => exportsName(file, statement, name)) : statement.names
      const known = lines.get(text)
      if (target && through.every((name) => known?.includes(name))) continue
      lines.set(text, [...(known ?? []), ...through])
      if (target) need(join(dirname(file), target), through)
    }
  }

  function exportsName(file, { target, names, text }, name) {
    if (!target) return declares(text, name)
    if (names.length > 0) return names.includes(name)
    const next = join(dirname(file), target)
    return statements(next).some((statement) => statement.isExport !== false && exportsName(next, statement, name))
  }

  const index = 'index.d.ts'
  need(
    index,
    statements(index).flatMap(({ names }) => names),
  )
  for (const [file, lines] of kept) {
    const parts = statements(file)
      .map(({ text }) => text)
      .filter((text) => lines.has(text))
    mkdirSync(dirname(join(to, file)), { recursive: true })
    writeFileSync(join(to, file), `${parts.join('\n')}\n`)
  }
}

/** A file's imports and exports from elsewhere, one each, and what stands between them. */
function statementsOf(text) {
  const parts = text.split(/^((?:import|export) [^;]*from '\.[^']+';)\n/m).filter((part) => part.trim() !== '')
  return parts.map((part) => {
    const [, kind, what, target] = /^(import|export) (?:type )?([^;]*?) from '(\.[^']+)\.js';$/.exec(part.trim()) ?? []
    const names = what?.startsWith('{')
      ? what
          .slice(1, -1)
          .split(',')
          .map((name) =>
            name
              .trim()
              .replace(/^type /, '')
              .replace(/ as .*$/, ''),
          )
      : []
    return { text: part.trim(), isExport: kind && kind === 'export', target: target && `${target}.d.ts`, names }
  })
}

const declares = (text, name) => new RegExp(`^export (?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) ${name}\\b`, 'm').test(text)
