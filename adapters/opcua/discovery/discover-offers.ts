import type { EndpointDescription } from "node-opcua"
import { Effect } from "effect"
import type { Certificates } from "../session/certificates.ts"
import { askEndpoints } from "../session/client.ts"
import type { Refused } from "../session/failures.ts"
import type { Library } from "../session/library.ts"
import type { OpcuaSettings } from "../settings.ts"

/** A way in that a server offers (OPC 10000-4, 7.14). */
export interface Offer {
  readonly mode: "None" | "Sign" | "SignAndEncrypt" | "unknown"
  /** The policy's name, such as Basic256Sha256. */
  readonly policy: string
  /** Who may come in by it. */
  readonly users: ReadonlyArray<"anonymous" | "username" | "certificate" | "token">
  /** How secure the server holds it for, 0 to 255. */
  readonly level: number
  /** Where the server says that it is. */
  readonly url: string
}

/** What a server tells to anybody who asks. */
export interface Offered {
  readonly offers: ReadonlyArray<Offer>
  readonly applicationUri: string | undefined
  readonly name: string | undefined
  /** Its certificate, with those of its issuers behind it; none where it has nothing secured. */
  readonly certificate: Buffer | undefined
}

const modes: Readonly<Record<number, Offer["mode"]>> = { 1: "None", 2: "Sign", 3: "SignAndEncrypt" }
const users: Readonly<Record<number, Offer["users"][number]>> = {
  0: "anonymous",
  1: "username",
  2: "certificate",
  3: "token"
}

const offerOf = (one: EndpointDescription): Offer => ({
  mode: modes[one.securityMode] ?? "unknown",
  policy: one.securityPolicyUri?.split("#")[1] ?? one.securityPolicyUri ?? "unknown",
  users: Object.values(users).filter((user) =>
    (one.userIdentityTokens ?? []).some(({ tokenType }) => (users[tokenType] ?? "token") === user)
  ),
  level: one.securityLevel,
  url: one.endpointUrl ?? ""
})

const offeredIn = (endpoints: ReadonlyArray<EndpointDescription>): Offered => {
  const shown = endpoints.map(({ serverCertificate }) => serverCertificate).find((one) => one && one.length > 0)
  const server = endpoints[0]?.server
  return {
    offers: endpoints.map(offerOf),
    applicationUri: server?.applicationUri ?? undefined,
    name: server?.applicationName.text ?? undefined,
    certificate: Buffer.isBuffer(shown) ? shown : undefined
  }
}

/** Asks a server what it offers. Neither user nor password is sent, and nothing is secured yet. */
export const askOffers = (
  library: Library,
  certificates: Certificates,
  endpoint: string
): Effect.Effect<Offered, Refused> => Effect.map(askEndpoints(library, certificates, endpoint), offeredIn)

type Way = Pick<OpcuaSettings, "securityMode" | "securityPolicy">

/** Today's policies, the one that links take by themselves first. */
const policies: ReadonlyArray<OpcuaSettings["securityPolicy"]> = [
  "Basic256Sha256",
  "Aes256_Sha256_RsaPss",
  "Aes128_Sha256_RsaOaep"
]

/** The way that is wanted, filled up by the best that the server offers; `None` is never taken by itself. */
export const chooseWay = (
  offers: ReadonlyArray<Offer>,
  { securityMode, securityPolicy }: { [Key in keyof Way]?: Way[Key] | undefined }
): Way | undefined => {
  if (securityMode === "None") {
    return offers.some(({ mode }) => mode === "None") ? { securityMode, securityPolicy: "Basic256Sha256" } : undefined
  }
  const modesWanted = securityMode === undefined ? (["SignAndEncrypt", "Sign"] as const) : [securityMode]
  const policiesWanted = securityPolicy === undefined ? policies : [securityPolicy]
  for (const mode of modesWanted) {
    const policy = policiesWanted.find((one) => offers.some((offer) => offer.mode === mode && offer.policy === one))
    if (policy !== undefined) return { securityMode: mode, securityPolicy: policy }
  }
  return undefined
}

/** `SignAndEncrypt with Basic256Sha256`; of a channel that is not secured there is no more to say. */
export const wayWords = (way: { readonly mode: string; readonly policy: string }): string =>
  way.mode === "None" ? "None" : `${way.mode} with ${way.policy}`

/** All that is offered, each once. */
export const offersWords = (offers: ReadonlyArray<Offer>): string =>
  [...new Set(offers.map(wayWords))].join(", ") || "nothing"

/** The kinds of users that a way takes. */
export const usersOf = (offers: ReadonlyArray<Offer>, { securityMode, securityPolicy }: Way): Offer["users"] => [
  ...new Set(
    offers
      .filter(({ mode, policy }) => mode === securityMode && (mode === "None" || policy === securityPolicy))
      .flatMap((offer) => offer.users)
  )
]
