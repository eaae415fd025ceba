// Whether the content of a TLS secret looks like a certificate and its key.
// Upstream: crypto/tls X509KeyPair, encoding/pem Decode
// Differs: what stands inside the blocks is not read, so a key of another certificate goes without a warning.

/** @returns why there can be no key pair, in the words of Go */
export function keyPairWarning(certificate: Uint8Array, key: Uint8Array): string | undefined {
  const certificates = blockTypes(certificate)
  if (!certificates.includes('CERTIFICATE')) return describeMissingCertificate(certificates)
  const keys = blockTypes(key)
  return keys.some(isPrivateKey) ? undefined : describeMissingKey(keys)
}

const isPrivateKey = (type: string) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')

function describeMissingCertificate(found: string[]): string {
  if (!found.length) return 'tls: failed to find any PEM data in certificate input'
  if (found.length === 1 && found[0].endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${found.join(' ')}]`
}

function describeMissingKey(found: string[]): string {
  if (!found.length) return 'tls: failed to find any PEM data in key input'
  if (found.length === 1 && found[0] === 'CERTIFICATE') return 'tls: found a certificate rather than a key in the PEM for the private key'
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${found.join(' ')}]`
}

const beginning = '-----BEGIN '
const dashes = '-----'

/** Types of the PEM blocks that have an end and hold base64, in order. */
function blockTypes(bytes: Uint8Array): string[] {
  const types: string[] = []
  let open: { type: string; body: string } | undefined
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    const text = line.trim()
    if (text.startsWith(beginning) && text.endsWith(dashes)) open = { type: text.slice(beginning.length, -dashes.length), body: '' }
    else if (open && text === `-----END ${open.type}${dashes}`) {
      if (isBase64(open.body)) types.push(open.type)
      open = undefined
    } else if (open && (open.body || !text.includes(': '))) open.body += text
  }
  return types
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
