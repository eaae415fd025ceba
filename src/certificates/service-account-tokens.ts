// Signs and checks the tokens of service accounts, and tells others how to check them.
// Upstream: pkg/serviceaccount/{jwt,openidmetadata}.go
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { createRequire } from 'node:module'
import type { JwtPayload } from 'jsonwebtoken'

const require = createRequire(import.meta.url)
const algorithm = 'ES256'
/** `iss` of the tokens in Secrets. Upstream: pkg/serviceaccount/legacy.go LegacyIssuer */
const legacyIssuer = 'kubernetes/serviceaccount'
// Clients send one token with every request: its signature is checked once.
const rememberedMax = 1000
const tokenLengthMax = 16_384

export type Verified = { claims: JwtPayload } | { error: string }

export class ServiceAccountTokens {
  readonly #privateKey: KeyObject
  readonly #publicKey: KeyObject
  readonly #keyID: string
  readonly #issuer: string
  readonly #verified = new Map<string, Verified>()

  /** @param privateKey PEM of an EC key on P-256 */
  constructor(privateKey: string, issuer: string) {
    this.#privateKey = createPrivateKey(privateKey)
    this.#publicKey = createPublicKey(this.#privateKey)
    this.#keyID = createHash('sha256')
      .update(this.#publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64url')
    this.#issuer = issuer
  }

  /** @param claims complete, but for `iss` when it is this issuer */
  issue(claims: Record<string, unknown>): string {
    const header = { alg: algorithm, typ: undefined as never, kid: this.#keyID }
    return library().sign({ iss: this.#issuer, ...claims }, this.#privateKey, { algorithm, header, noTimestamp: claims.iat === undefined })
  }

  /** Checks issuer and signature, not times and audiences. @returns `undefined` for what is no token of this issuer */
  verify(token: string): Verified | undefined {
    if (token.length > tokenLengthMax) return undefined
    const known = this.#verified.get(token)
    if (known) return known
    const claims = library().decode(token)
    if (!claims || typeof claims === 'string' || (claims.iss !== this.#issuer && claims.iss !== legacyIssuer)) return undefined
    const verified = this.#check(token)
    if (this.#verified.size >= rememberedMax) this.#verified.clear()
    this.#verified.set(token, verified)
    return verified
  }

  #check(token: string): Verified {
    const options = { algorithms: [algorithm as typeof algorithm], ignoreExpiration: true, ignoreNotBefore: true }
    try {
      const claims = library().verify(token, this.#publicKey, options) as JwtPayload
      return claims.iss === legacyIssuer || typeof claims['kubernetes.io'] === 'object' ? { claims } : { error: 'service account token claims are missing' }
    } catch {
      return { error: 'go-jose/go-jose: error in cryptographic primitive' }
    }
  }

  /** The document at `/openid/v1/jwks`. */
  keySet(): { keys: Record<string, unknown>[] } {
    const { kty, crv, x, y } = this.#publicKey.export({ format: 'jwk' })
    return { keys: [{ use: 'sig', kty, kid: this.#keyID, crv, alg: algorithm, x, y }] }
  }

  /** The document at `/.well-known/openid-configuration`. @param address `https://host:port` of this server */
  configuration(address: string): Record<string, unknown> {
    return {
      issuer: this.#issuer,
      jwks_uri: `${address}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [algorithm],
    }
  }
}

/** Most servers never see a token, and signing happens where nothing may be awaited: loaded at the first use. */
const library = () => require('jsonwebtoken') as typeof import('jsonwebtoken')
