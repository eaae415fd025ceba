// Warning headers: what a client should know though its request went well.
// Upstream: apiserver/pkg/endpoints/filters/warning.go, apimachinery/pkg/util/net/http.go NewWarningHeader

const charactersMax = 4096
const truncatedTo = 256
// biome-ignore lint/suspicious/noControlCharactersInRegex: a text with control characters is not sent
const controls = /[\u0000-\u001f\u007f]/

/** One value a header line. Together they stay below the limit: then each is cut, and the rest is not told. */
export function warningHeaders(warnings: readonly string[]): string[] {
  const texts = [...new Set(warnings)].filter((text) => !controls.test(text))
  const total = texts.reduce((sum, text) => sum + text.length, 0)
  return (total <= charactersMax ? texts : shortened(texts)).map(headerOf)
}

function shortened(texts: readonly string[]): string[] {
  const kept: string[] = []
  let left = charactersMax
  for (const text of texts) {
    const short = text.slice(0, truncatedTo)
    left -= short.length
    if (left < 0) break
    kept.push(short)
  }
  return kept
}

/** Header values are latin1 for Node: other letters are handed over as their UTF-8 bytes. */
function headerOf(text: string): string {
  return Buffer.from(`299 - "${text.replace(/["\\]/g, '\\$&')}"`, 'utf8').toString('latin1')
}
