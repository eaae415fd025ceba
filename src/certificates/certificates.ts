// The certificates of a server and its administrator, and the key that signs tokens: made once, kept in a folder, read in a millisecond.
import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Leaf, Pair } from './authority.js'
import { defaultFolder, type Environment, readText, requireFolder, writeFirst, writeWhole } from './folder.js'

export interface KeyPair {
  /** PEM */
  cert: string
  /** PEM */
  key: string
}

export interface Certificates {
  /** Where they are kept; absent when nothing could be written and they end with the process. */
  folder?: string
  /** PEM of the authority that signed them. */
  ca: string
  server: KeyPair
  /** Client certificate of `kubernetes-admin` in `system:masters`. */
  admin: KeyPair
  /** PEM of the private key of tokens. */
  serviceAccountKey: string
}

export interface CertificateOptions {
  /** Absent: the cache of this user. */
  folder?: string
  /** Names and addresses the server certificate is good for. */
  serverNames: readonly string[]
  environment?: Environment
}

/** @throws {FolderError} when the given folder cannot be used */
export async function openCertificates({ folder: given, serverNames, environment = process.env }: CertificateOptions): Promise<Certificates> {
  const folder = given === undefined ? defaultFolder(environment) : requireFolder(given)
  const authority = await openAuthority(folder)
  const names = [...new Set(serverNames)].sort()
  const mark = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 12)
  const server = await openLeaf(folder, `server-${mark}.pem`, authority, { commonName: 'kube-apiserver', usage: 'server', names })
  const admin = await openLeaf(folder, 'admin.pem', authority, { commonName: 'kubernetes-admin', organization: 'system:masters', usage: 'client' })
  return {
    ...(folder ? { folder } : {}),
    ca: split(authority).cert,
    server: split(server),
    admin: asClientsReadIt(split(admin)),
    serviceAccountKey: openServiceAccountKey(folder),
  }
}

const keyPattern = /^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END PRIVATE KEY-----\n/
const renewedDaysBefore = 30

async function openAuthority(folder: string | undefined): Promise<Pair> {
  const path = folder && join(folder, 'ca.pem')
  const kept = path && readText(path)
  if (kept && isGood(kept)) return kept
  const { makeAuthority } = await import('./authority.js')
  const made = await makeAuthority()
  if (!path) return made
  const authority = kept === undefined ? writeFirst(path, made) : replace(path, made)
  // For `curl --cacert`: the certificate without its key.
  writeWhole(join(folder, 'ca.crt'), split(authority).cert, 0o644)
  return authority
}

function replace(path: string, text: string): string {
  writeWhole(path, text)
  return text
}

async function openLeaf(folder: string | undefined, file: string, authority: Pair, leaf: Leaf): Promise<Pair> {
  const path = folder && join(folder, file)
  const kept = path && readText(path)
  if (kept && isGood(kept, authority)) return kept
  const { makeLeaf } = await import('./authority.js')
  const made = await makeLeaf(authority, leaf)
  return path ? replace(path, made) : made
}

function openServiceAccountKey(folder: string | undefined): string {
  const path = folder && join(folder, 'service-account.pem')
  const kept = path && readText(path)
  if (kept && keyPattern.test(kept)) return kept
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const made = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  if (!path) return made
  return kept === undefined ? writeFirst(path, made) : replace(path, made)
}

/** Whole, valid for a while, and signed by the authority (its own when none is given). */
function isGood(pair: Pair, authority: Pair = pair): boolean {
  if (!keyPattern.test(pair)) return false
  try {
    const certificate = new X509Certificate(split(pair).cert)
    const soon = Date.now() + renewedDaysBefore * 86_400_000
    return (
      Date.parse(certificate.validTo) > soon &&
      Date.parse(certificate.validFrom) <= Date.now() &&
      certificate.verify(new X509Certificate(split(authority).cert).publicKey)
    )
  } catch {
    return false
  }
}

/**
 * The header of the key names its algorithm: fabric8's client goes by that.
 * Upstream: client-go/util/keyutil MarshalPrivateKeyToPEM
 */
function asClientsReadIt({ cert, key }: KeyPair): KeyPair {
  return { cert, key: createPrivateKey(key).export({ type: 'sec1', format: 'pem' }) as string }
}

function split(pair: Pair): KeyPair {
  const end = pair.indexOf('-----BEGIN CERTIFICATE-----')
  return { key: pair.slice(0, end), cert: pair.slice(end) }
}
