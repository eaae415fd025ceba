// What who asks may do. So far everybody may do everything.
// Upstream: apiserver/pkg/authorization/authorizerfactory/builtin.go
import type { ReviewContext } from '../machinery/index.js'

export const alwaysAllow: ReviewContext['authorize'] = () => ({ allowed: true })
