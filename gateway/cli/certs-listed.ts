import { resolve } from "node:path"
import type { Effect } from "effect"
import type { LinkSettings, Settings } from "../settings/load-settings.ts"
import { paint, printable, several } from "./output.ts"
import { columns } from "./table.ts"

/** A certificate as its folder has it: our own, believed, of an issuer, or shown by a server and not believed. */
export interface KnownCertificate {
  /** SHA-1 of the whole, hexadecimal, small letters. */
  readonly thumbprint: string
  readonly subject: string
  readonly applicationUri: string | undefined
  /** ISO 8601. */
  readonly validFrom: string
  readonly validTo: string
  readonly trust: "own" | "trusted" | "issuer" | "rejected"
  readonly file: string
}

/** What `certs` works with. */
export interface CertsParts {
  /** Throws `SettingsRefused`. */
  readonly settings: (paths: ReadonlyArray<string>) => Settings
  /** The folder of a link's certificates; `undefined` for a link that has none. */
  readonly pkiOf: (link: LinkSettings) => string | undefined
  /** Every certificate of a folder; none where there is no folder yet. Throws when it cannot be read. */
  readonly list: (pki: string) => ReadonlyArray<KnownCertificate>
  /** Believes a certificate, or no longer; answers where it lies afterwards. */
  readonly setTrust: (pki: string, thumbprint: string, trusted: boolean) => Effect.Effect<KnownCertificate, Error>
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** A folder of certificates, and the links that share it. */
export interface Folder {
  readonly pki: string
  readonly links: ReadonlyArray<string>
}

/** A certificate, where it lies and who goes by it. */
export type Listed = KnownCertificate & Folder

/** The folders of all links that have one, each once however it is written. */
export const foldersOf = (
  { pkiOf }: Pick<CertsParts, "pkiOf">,
  links: ReadonlyArray<LinkSettings>
): ReadonlyArray<Folder> => {
  const folders = new Map<string, Folder>()
  for (const link of links) {
    const pki = pkiOf(link)
    if (pki === undefined) continue
    const known = folders.get(resolve(pki))
    folders.set(resolve(pki), { pki: known?.pki ?? pki, links: [...(known?.links ?? []), link.id] })
  }
  return [...folders.values()]
}

const dayMs = 86_400_000

/** Time enough to have a certificate renewed before its link stands still. */
const warnedDays = 30

/** How a certificate stands to its time. */
export type Validity = "valid" | "ends soon" | "ended" | "not yet valid"

export const validityOf = ({ validFrom, validTo }: KnownCertificate, now: number): Validity => {
  if (Date.parse(validTo) <= now) return "ended"
  if (Date.parse(validFrom) > now) return "not yet valid"
  return Date.parse(validTo) - now <= warnedDays * dayMs ? "ends soon" : "valid"
}

/** It was shown by a server, and a person can make it believed: one that has ended would be refused all the same. */
export const isWaiting = (one: KnownCertificate, now: number): boolean =>
  one.trust === "rejected" && validityOf(one, now) !== "ended"

const validityWords = (one: KnownCertificate, now: number): string => {
  const day = one.validTo.slice(0, 10)
  switch (validityOf(one, now)) {
    case "valid":
      return day
    case "ended":
      return paint("red", `${day}, has ended`)
    case "not yet valid":
      return paint("red", `${day}, not before ${one.validFrom.slice(0, 10)}`)
    case "ends soon": {
      const days = Math.floor((Date.parse(one.validTo) - now) / dayMs)
      return paint("yellow", `${day}, ends ${days === 0 ? "within a day" : `in ${several(days, "day")}`}`)
    }
  }
}

/** Certificates as a table. Whoever sent one chose its names: they are made harmless. */
export const certificateLines = (listed: ReadonlyArray<Listed>, now: number): ReadonlyArray<string> =>
  columns([
    ["STATE", "THUMBPRINT", "SUBJECT", "APPLICATION URI", "VALID UNTIL", "LINKS"],
    ...listed.map((one) => [
      one.trust,
      one.thumbprint,
      printable(one.subject),
      printable(one.applicationUri ?? "none"),
      validityWords(one, now),
      one.links.join(", ")
    ])
  ])

/** What those who use certificates that end have to do; nothing is said of certificates nobody believes. */
export const warnings = (listed: ReadonlyArray<Listed>, now: number): ReadonlyArray<string> =>
  listed.flatMap((one) => {
    const validity = validityOf(one, now)
    if (validity === "valid" || one.trust === "rejected") return []
    const whose = one.trust === "own" ? "our own certificate" : `the certificate of ${printable(one.subject)}`
    const standing = {
      ended: "has ended",
      "ends soon": `ends on ${one.validTo.slice(0, 10)}`,
      "not yet valid": `is not valid before ${one.validFrom.slice(0, 10)}`
    }[validity]
    const todo =
      one.trust === "own"
        ? `move ${printable(one.file)} away, restart the gateway, and approve the new one at the servers`
        : "renew it where it comes from, or set the clock"
    return [`${whose} (${one.thumbprint.slice(0, 8)}) ${standing}: ${todo}`]
  })

/** A certificate for programs. */
export const certificateObject = (one: Listed, now: number): Readonly<Record<string, unknown>> => ({
  state: one.trust,
  waiting: isWaiting(one, now),
  thumbprint: one.thumbprint,
  subject: one.subject,
  applicationUri: one.applicationUri ?? null,
  validFrom: one.validFrom,
  validTo: one.validTo,
  validity: validityOf(one, now),
  pki: one.pki,
  links: one.links,
  file: one.file
})
