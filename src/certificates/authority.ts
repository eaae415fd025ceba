// Makes keys and certificates. Loading the library takes a tenth of a second, so this file is imported when something is to be made.
import 'reflect-metadata'
import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate and its private key in PEM, the key first. */
export type Pair = string

export interface Leaf {
  commonName: string
  organization?: string
  usage: 'server' | 'client'
  /** DNS names and IP addresses. */
  names?: readonly string[]
}

cryptoProvider.set(webcrypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMillis = 86_400_000
const authorityDays = 3650
const leafDays = 365
// Clocks of containers and their machines differ.
const backdatedMillis = 3_600_000

const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
const printKey = (key: webcrypto.CryptoKey) => KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }) as string
const printPair = (key: webcrypto.CryptoKey, certificate: X509Certificate): Pair => `${printKey(key)}${certificate.toString('pem')}\n`

/** Positive, and unlike any other of the authority. */
const serialNumber = () => `01${randomBytes(15).toString('hex')}`

const lifetime = (days: number) => ({ notBefore: new Date(Date.now() - backdatedMillis), notAfter: new Date(Date.now() + days * dayMillis) })

export async function makeAuthority(): Promise<Pair> {
  const keys = await makeKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=kubernetes',
    ...lifetime(authorityDays),
    signingAlgorithm: algorithm,
    keys: keys,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyCertSign, true),
      new BasicConstraintsExtension(true, undefined, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return printPair(keys.privateKey, certificate)
}

export async function makeLeaf(authority: Pair, { commonName, organization, usage, names = [] }: Leaf): Promise<Pair> {
  const issuer = new X509Certificate(authority.slice(authority.indexOf('-----BEGIN CERTIFICATE-----')))
  const signingKey = await importKey(authority)
  const keys = await makeKeys()
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [...(organization ? [{ O: [organization] }] : []), { CN: [commonName] }],
    issuer: issuer.subjectName,
    ...lifetime(leafDays),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signingKey,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage[usage === 'server' ? 'serverAuth' : 'clientAuth']]),
      new BasicConstraintsExtension(false, undefined, true),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length ? [new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })))] : []),
    ],
  })
  return printPair(keys.privateKey, certificate)
}

function importKey(pair: Pair): Promise<webcrypto.CryptoKey> {
  const body = pair.slice(pair.indexOf('\n') + 1, pair.indexOf('-----END PRIVATE KEY-----'))
  return webcrypto.subtle.importKey('pkcs8', Buffer.from(body, 'base64'), algorithm, false, ['sign'])
}
