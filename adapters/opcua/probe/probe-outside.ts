import { Effect } from "effect"
import { type Certificates, openCertificates } from "../session/certificates.ts"
import {
  judgementOf,
  readServerCertificate,
  replaces,
  type ServerCertificate
} from "../discovery/discover-certificate.ts"
import { askOffers, type Offered, offersWords, usersOf, wayWords } from "../discovery/discover-offers.ts"
import type { Library } from "../session/library.ts"
import { noServer } from "./probe-reach.ts"
import { several } from "../../probing/several.ts"
import { failed, type Found, leftOut, type StepFailed } from "../../probing/steps.ts"
import type { OpcuaSettings, OpcuaUser } from "../settings.ts"

/** Time enough to have a certificate renewed before the link stands still. */
const warnedDays = 30
const dayMs = 86_400_000

/** Our certificates, as the link has them. */
export const ownCertificates = (library: Library, { pki }: OpcuaSettings) =>
  openCertificates(library, pki).pipe(
    Effect.mapError(({ message }) =>
      failed(
        `the folder ${pki} is not usable: ${message}`,
        "start the probe as the user that the gateway runs as, or put pki right in the link's settings"
      )
    )
  )

const kindOfUser = (user: OpcuaUser): "anonymous" | "username" | "certificate" =>
  user === "anonymous" ? "anonymous" : "username" in user ? "username" : "certificate"

/** What the server offers, and whether what the link wants is among it. */
export const endpointsStep = (
  library: Library,
  certificates: Certificates,
  settings: OpcuaSettings
): Effect.Effect<Found<Offered>, StepFailed> =>
  askOffers(library, certificates, settings.endpoint).pipe(
    Effect.mapError(noServer),
    Effect.flatMap((offered) => {
      const { offers } = offered
      const { securityMode, securityPolicy, user } = settings
      const wanted = wayWords({ mode: securityMode, policy: securityPolicy })
      const facts = { offers, applicationUri: offered.applicationUri ?? null }
      const isThere = offers.some(({ mode, policy }) => wayWords({ mode, policy }) === wanted)
      if (!isThere)
        return Effect.fail(
          failed(
            `the server does not offer ${wanted}: it offers ${offersWords(offers)}`,
            "set securityMode and securityPolicy of the link to what it offers, or switch it on at the server",
            facts
          )
        )
      const users = usersOf(offers, settings)
      const kind = kindOfUser(user)
      if (users.length > 0 && !users.includes(kind))
        return Effect.fail(
          failed(
            `by ${wanted} the server takes ${users.join(", ")} as a user, and the link has ${kind}`,
            "set user in the link's settings to one of these",
            facts
          )
        )
      const said = `${several(offers.length, "endpoint")}; ${wanted} is among them, for ${users.join(", ") || "nobody"}`
      return Effect.succeed({ value: offered, said, facts })
    })
  )

const validityProblem = ({ validFrom, validTo }: ServerCertificate, now: number): StepFailed | undefined => {
  if (Date.parse(validTo) <= now)
    return failed(
      `the server's certificate has ended on ${validTo.slice(0, 10)}`,
      "renew it at the server, and trust the new one by gatehouse certs"
    )
  if (Date.parse(validFrom) > now)
    return failed(
      `the server's certificate is not valid before ${validFrom.slice(0, 10)}`,
      "set this machine's clock, or the server's before it makes a new one"
    )
  return undefined
}

const certificateDoubts = (
  certificate: ServerCertificate,
  { applicationUri }: Offered,
  now: number
): ReadonlyArray<string> => {
  const { validTo } = certificate
  const daysLeft = Math.floor((Date.parse(validTo) - now) / dayMs)
  return [
    ...(daysLeft <= warnedDays
      ? [`it ends in ${several(daysLeft, "day")}: renew it at the server, and trust the new one before`]
      : []),
    ...(applicationUri !== undefined && applicationUri !== certificate.applicationUri
      ? [`the server calls itself ${applicationUri}, its certificate does not: have one issued that does`]
      : [])
  ]
}

/** The certificate that the server shows: its time, and whose it is. */
export const certificateStep = (
  offered: Offered,
  settings: OpcuaSettings,
  now: number
): Effect.Effect<Found<ServerCertificate | undefined>, StepFailed> => {
  if (settings.securityMode === "None")
    return Effect.succeed({ ...leftOut("the channel is not secured: nobody proves who he is"), value: undefined })
  const certificate = offered.certificate === undefined ? undefined : readServerCertificate(offered.certificate)
  if (certificate === undefined)
    return Effect.fail(
      failed("the server shows no certificate that can be read", "have it make one, or give it one, at the server")
    )
  const { subject, applicationUri, thumbprint, validTo } = certificate
  const facts = { ...certificate, applicationUri: applicationUri ?? null }
  const problem = validityProblem(certificate, now)
  if (problem !== undefined) return Effect.fail(failed(problem.said, problem.todo, facts))
  if (settings.applicationUri !== undefined && settings.applicationUri !== applicationUri)
    return Effect.fail(
      failed(
        `it is of ${applicationUri ?? "a server without a URI"}, and the link wants ${settings.applicationUri}`,
        "another server answers there: check endpoint, and applicationUri, of the link",
        facts
      )
    )
  const doubts = certificateDoubts(certificate, offered, now)
  return Effect.succeed({
    value: certificate,
    said: `${subject}; ${applicationUri ?? "no application URI"}; ${thumbprint}, until ${validTo.slice(0, 10)}`,
    facts,
    ...(doubts.length === 0 ? {} : { doubt: doubts.join("; ") })
  })
}

/** Whether a person trusts that certificate. */
export const trustStep = (
  certificates: Certificates,
  certificate: ServerCertificate | undefined,
  { certificate: shown }: Offered,
  { pki }: OpcuaSettings,
  now: number
): Effect.Effect<Found<void>, StepFailed> => {
  if (certificate === undefined || shown === undefined)
    return Effect.succeed(leftOut("there is no certificate to be trusted"))
  const { thumbprint } = certificate
  return judgementOf(certificates, shown, now).pipe(
    Effect.mapError(({ reason }) =>
      failed(`the certificate cannot be judged: ${reason}`, `look at the folder ${pki} by gatehouse certs ls`)
    ),
    Effect.flatMap((judgement) => {
      const facts = { thumbprint, pki }
      switch (judgement._tag) {
        case "Trusted":
          return Effect.succeed({ value: undefined, said: `it is trusted, by ${pki}`, facts })
        case "Untrusted":
          return Effect.fail(
            failed(
              replaces(pki, certificate)
                ? `it is not trusted (${thumbprint}), and another one of the same server is: it was renewed, or somebody stands in between`
                : `it is not trusted (${thumbprint})`,
              "compare the thumbprint with the one that the server itself shows; only if it is the same, trust it",
              facts
            )
          )
        case "Unacceptable":
          return Effect.fail(failed(judgement.why, "until then the link is not opened", facts))
      }
    })
  )
}
