// Errors of the YAML reader in the words that clients of Kubernetes know.
// Upstream: sigs.k8s.io/yaml/goyaml.v2/scannerc.go, parserc.go, decode.go

interface YAMLError {
  reason: string
  mark?: { line: number; position: number }
}

/** Upstream's scanner counts lines from 1, its parser from 0; neither names the first. */
type Origin = 'scanner' | 'parser'

/** `yaml: line 2: did not find expected key` */
export function describeYAMLError(text: string, { reason, mark }: YAMLError): string {
  const isAtEnd = reason.startsWith('unexpected end of the')
  const line = isAtEnd ? lineCount(text) : (mark?.line ?? 0)
  const { message, origin } = translate(text, reason, mark?.position ?? 0)
  const shown = origin === 'scanner' && line > 0 && !isAtEnd ? line + 1 : line
  return `yaml: ${shown ? `line ${shown}: ` : ''}${message}`
}

function lineCount(text: string): number {
  const breaks = text.split('\n').length - 1
  return text.endsWith('\n') ? breaks : breaks + 1
}

function translate(text: string, reason: string, position: number): { message: string; origin: Origin } {
  const parser = (message: string) => ({ message, origin: 'parser' as const })
  const scanner = (message: string) => ({ message, origin: 'scanner' as const })
  if (reason.includes('flow collection')) {
    const isMapping = text.lastIndexOf('{', position) > text.lastIndexOf('[', position)
    return parser(`did not find expected ',' or '${isMapping ? '}' : ']'}'`)
  }
  if (reason.includes('quoted scalar')) return scanner('found unexpected end of stream')
  if (reason.includes('escape')) return scanner('found unknown escape character')
  if (reason.includes('tab character')) return scanner('found character that cannot start any token')
  const alias = reason.match(/^unidentified alias "(.*)"$/s)
  if (alias) return { message: `unknown anchor '${alias[1]}' referenced`, origin: 'parser' }
  if (reason.startsWith('nesting exceeded')) return parser('exceeded max depth of 10000')
  if (reason.includes('aliases')) return parser('document contains excessive aliasing')
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1).split('\n', 1)[0]
  if (/^[^"'#[{]*:\s[^"'#[{]*:(\s|$)/.test(line.slice(0, 1000))) return scanner('mapping values are not allowed in this context')
  if (/^\s*[@`%\t]/.test(line)) return scanner('found character that cannot start any token')
  if (reason.startsWith('bad indentation of a mapping')) return parser('did not find expected key')
  if (reason.startsWith('bad indentation of a sequence')) return parser("did not find expected '-' indicator")
  if (reason.startsWith('end of the stream')) return parser('did not find expected <document start>')
  return parser(reason)
}
