import { createHash } from "node:crypto"
import { namespaces } from "./namespaces.ts"
import type { User } from "./options.ts"
import { attributeOf, childOf, type XmlNode } from "./xml-node.ts"

export type TokenVerdict = { readonly accepted: true } | { readonly accepted: false; readonly why: string }

const refused = (why: string): TokenVerdict => ({ accepted: false, why })

/** A `Created` further from the device's clock than this is refused (WSS UsernameToken Profile 1.1 recommends 5 minutes). */
const windowMs = 300_000

/** Nonces that are remembered; beyond, the oldest is forgotten. */
const noncesMax = 10_000

const digestType = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"

/** The `wsse:UsernameToken` of a request's header, if there is one. */
export const usernameTokenOf = (header: XmlNode | undefined): XmlNode | undefined =>
  childOf(
    header?.children.find((block) => block.name === "Security" && block.namespace === namespaces.wsse),
    "UsernameToken"
  )

/** WS-Security UsernameToken Profile 1.1 with a password digest; remembers nonces, so that none works twice. */
export class UsernameTokens {
  readonly #used = new Set<string>()

  check(token: XmlNode, users: ReadonlyArray<User>, now: number): TokenVerdict {
    const text = (name: string): string => childOf(token, name)?.text.trim() ?? ""
    const password = childOf(token, "Password")
    const user = users.find(({ name }) => name === text("Username"))
    if (user === undefined) return refused("unknown user")
    if (attributeOf(password, "Type") !== digestType) return refused("a password digest is needed")
    const [nonce, created] = [text("Nonce"), text("Created")]
    if (nonce === "" || created === "") return refused("a digest needs Nonce and Created")
    const proof = createHash("sha1")
      .update(Buffer.from(nonce, "base64"))
      .update(created, "utf8")
      .update(user.password, "utf8")
      .digest("base64")
    if (proof !== text("Password")) return refused("wrong password")
    const at = Date.parse(created)
    if (Number.isNaN(at) || Math.abs(at - now) > windowMs) return refused("Created is too far from the device's clock")
    if (this.#used.has(nonce)) return refused("this nonce was used before")
    this.#used.add(nonce)
    const oldest = this.#used.values().next()
    if (this.#used.size > noncesMax && oldest.done !== true) this.#used.delete(oldest.value)
    return { accepted: true }
  }
}
