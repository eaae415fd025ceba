export { type CertificateOptions, type Certificates, type KeyPair, openCertificates } from './certificates.js'
export { defaultFolder, type Environment, FolderError, readText, requireFolder, writeWhole } from './folder.js'
export { isLoopback, type Place, serverNames } from './server-names.js'
export { ServiceAccountTokens, type Verified } from './service-account-tokens.js'
