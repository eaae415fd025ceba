// A slower look at JSON text that is known to be well-formed: keys given twice, and how whole numbers were written.

export interface Fraction {
  /** Keys and indexes from the root. */
  path: (string | number)[]
  /** The number as written: `80.0`. */
  text: string
}

export interface Findings {
  /** Paths as messages write them, each once: `spec.ports[0].port`. */
  duplicates: string[]
  fractions: Fraction[]
}

/** More findings are not told. Upstream: strictErrorLimit of sigs.k8s.io/json */
const findingsMax = 100

interface Container {
  isArray: boolean
  /** Keys seen, and whether they were told to be duplicates. */
  keys: Map<string, boolean>
  /** The key or index of the member that is being read. */
  at: string | number
}

/** @param bytes one JSON value */
export function findDuplicatesAndFractions(bytes: Buffer): Findings {
  const findings: Findings = { duplicates: [], fractions: [] }
  const open: Container[] = []
  let position = 0
  while (position < bytes.length) {
    const byte = bytes[position]
    const container = open.at(-1)
    if (byte === 0x22) {
      const end = endOfString(bytes, position)
      if (container && !container.isArray && isKey(bytes, end)) {
        container.at = JSON.parse(bytes.toString('utf8', position, end)) as string
        const wasTold = container.keys.get(container.at)
        container.keys.set(container.at, wasTold !== undefined)
        if (wasTold === false && findings.duplicates.length < findingsMax) findings.duplicates.push(pathOf(open))
      }
      position = end
    } else if (byte === 0x7b || byte === 0x5b) {
      open.push({ isArray: byte === 0x5b, keys: new Map(), at: byte === 0x5b ? 0 : '' })
      position++
    } else if (byte === 0x7d || byte === 0x5d) {
      open.pop()
      position++
    } else if (byte === 0x2c && container?.isArray) {
      container.at = (container.at as number) + 1
      position++
    } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      const end = endOfNumber(bytes, position)
      const text = bytes.toString('latin1', position, end)
      if (findings.fractions.length < findingsMax && /[.eE]/.test(text) && Number.isInteger(Number(text))) {
        findings.fractions.push({ path: open.map(({ at }) => at), text })
      }
      position = end
    } else position++
  }
  return findings
}

function endOfString(bytes: Buffer, start: number): number {
  let position = start + 1
  while (bytes[position] !== 0x22) position += bytes[position] === 0x5c ? 2 : 1
  return position + 1
}

function isKey(bytes: Buffer, end: number): boolean {
  let position = end
  while (bytes[position] === 0x20 || bytes[position] === 0x0a || bytes[position] === 0x0d || bytes[position] === 0x09) position++
  return bytes[position] === 0x3a
}

function endOfNumber(bytes: Buffer, start: number): number {
  let position = start + 1
  while (position < bytes.length && '0123456789.eE+-'.includes(String.fromCharCode(bytes[position]))) position++
  return position
}

function pathOf(open: readonly Container[]): string {
  return open.map(({ at, isArray }, depth) => (isArray ? `[${at}]` : depth ? `.${at}` : `${at}`)).join('')
}
