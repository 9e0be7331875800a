import { createHash, timingSafeEqual } from "node:crypto"
import { type BrokerUser, readSecret } from "./settings.ts"
import { coversFilter } from "./profile-topic.ts"

/** What a client of the embedded broker presents. */
export interface Presented {
  readonly name: string | undefined
  readonly password: Buffer | undefined
  /** Common name of a client certificate that the broker's own authority signed. */
  readonly certificate: string | undefined
}

/** A client that was let in, and what it may do. */
export interface Admitted {
  readonly name: string
  readonly mayPublish: (topic: string) => boolean
  readonly maySubscribe: (filter: string) => boolean
}

export interface Access {
  /** `undefined`: turned away. */
  readonly admit: (presented: Presented) => Admitted | undefined
}

const digest = (text: string | Buffer): Buffer => createHash("sha256").update(text).digest()

/** Where nobody is named, everybody on this machine may do everything: the broker listens on loopback alone. */
const everybody: Admitted = { name: "anonymous", mayPublish: () => true, maySubscribe: () => true }

/** MQTT 5, 4.8.2: `$share/<group>/<filter>` asks for what the filter brings. */
const sharedFilter = /^\$share\/[^/]+\/(.+)$/

const rightsOf = (user: BrokerUser): Admitted => {
  const publish = user.publish.map((filter) => filter.replaceAll("{user}", user.name))
  const subscribe = user.subscribe.map((filter) => filter.replaceAll("{user}", user.name))
  return {
    name: user.name,
    mayPublish: (topic) => !/[+#]/.test(topic) && publish.some((filter) => coversFilter(filter, topic)),
    maySubscribe: (filter) => {
      const asked = sharedFilter.exec(filter)?.[1] ?? filter
      return !asked.startsWith("$") && subscribe.some((allowed) => coversFilter(allowed, asked))
    }
  }
}

/**
 * Who is let in, by the configuration's users. A user with a password proves who it is by it; one without by a client
 * certificate of that common name. Digests are compared, so that neither length nor timing tells a password. Throws
 * `SecretMissing`.
 */
export const makeAccess = (users: ReadonlyArray<BrokerUser>): Access => {
  const known = new Map(
    users.map((user) => {
      const password = user.password === undefined ? undefined : digest(readSecret(user.password))
      return [user.name, { password, rights: rightsOf(user) }] as const
    })
  )
  const nobody = digest("")
  return {
    admit: ({ name, password, certificate }) => {
      if (known.size === 0) return everybody
      const user = known.get(name ?? certificate ?? "")
      const same = timingSafeEqual(user?.password ?? nobody, digest(password ?? ""))
      if (user === undefined) return undefined
      if (user.password !== undefined) return same ? user.rights : undefined
      return certificate === user.rights.name ? user.rights : undefined
    }
  }
}
