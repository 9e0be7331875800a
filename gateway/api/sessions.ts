import { hashOf, newSecret } from "./tokens.ts"

/** How long a session lasts: one long shift. */
export const sessionMs = 12 * 60 * 60 * 1000

/** More officers than any campus has at once; the oldest session makes room. */
const atMost = 1000

interface Session {
  readonly name: string
  readonly endsAt: number
}

export interface Sessions {
  /** Begins a session and gives its secret, for the cookie. Only the secret's hash is kept. */
  readonly begin: (name: string) => string
  /** The officer's name while the session lasts. */
  readonly nameOf: (secret: string) => string | undefined
  readonly end: (secret: string) => void
}

/** Officers' sessions, in memory: a restart of the gateway ends them. `now` is in epoch milliseconds. */
export const makeSessions = (now: () => number): Sessions => {
  const sessions = new Map<string, Session>()
  const keyOf = (secret: string): string => hashOf(secret).toString("base64")
  return {
    begin: (name) => {
      const oldest = sessions.keys().next()
      if (sessions.size >= atMost && !oldest.done) sessions.delete(oldest.value)
      const secret = newSecret()
      sessions.set(keyOf(secret), { name, endsAt: now() + sessionMs })
      return secret
    },
    nameOf: (secret) => {
      const key = keyOf(secret)
      const session = sessions.get(key)
      if (session === undefined) return undefined
      if (session.endsAt > now()) return session.name
      sessions.delete(key)
      return undefined
    },
    end: (secret) => {
      sessions.delete(keyOf(secret))
    }
  }
}
