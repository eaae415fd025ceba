// Who asks. Upstream: apiserver/pkg/authentication/user

export interface UserInfo {
  username: string
  uid?: string
  groups: string[]
  extra?: Record<string, string[]>
}

/** Everything this process does on its own behalf. */
export const systemUser: UserInfo = { username: 'system:apiserver', groups: ['system:masters'] }
