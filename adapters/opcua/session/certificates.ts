import { createHash, X509Certificate } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import type { OPCUACertificateManager } from "node-opcua"
import { Effect, type Scope, Semaphore } from "effect"
import { type Library, loadLibrary } from "./library.ts"

/** Where a certificate lies in the pki folder, and so what is thought of it. */
export type Trust = "own" | "trusted" | "issuer" | "rejected"

const folders: Readonly<Record<Trust, string>> = {
  own: "own/certs",
  trusted: "trusted/certs",
  issuer: "issuers/certs",
  rejected: "rejected"
}

/** A certificate of the pki folder. */
export interface ListedCertificate {
  /** SHA-1 of the whole, hexadecimal: the name by which products show certificates. */
  readonly thumbprint: string
  readonly subject: string
  /** The application it speaks for. */
  readonly applicationUri: string | undefined
  /** ISO 8601. */
  readonly validFrom: string
  readonly validTo: string
  readonly trust: Trust
  readonly file: string
}

/** There is no such certificate, or more than one is meant. */
export class CertificateUnknown extends Error {
  override readonly name = "CertificateUnknown"
}

/** SHA-1 of a certificate, hexadecimal. */
export const thumbprintOf = (der: Uint8Array): string => createHash("sha1").update(der).digest("hex")

/** The application that a certificate speaks for: the URI among its alternative names (OPC 10000-6, 6.2.2). */
export const applicationUriOf = ({ subjectAltName }: X509Certificate): string | undefined =>
  /(?:^|, )URI:"?([^",]+)"?/.exec(subjectAltName ?? "")?.[1]

const readCertificate = (file: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(readFileSync(file))
  } catch {
    // Folders hold lock files and what else people put there.
    return undefined
  }
}

const listFolder = (pki: string, trust: Trust): ReadonlyArray<ListedCertificate> => {
  const folder = join(pki, folders[trust])
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((file) => {
      const certificate = readCertificate(file)
      if (certificate === undefined) return []
      return [
        {
          thumbprint: thumbprintOf(certificate.raw),
          subject: certificate.subject.replaceAll("\n", ", "),
          applicationUri: applicationUriOf(certificate),
          validFrom: new Date(certificate.validFrom).toISOString(),
          validTo: new Date(certificate.validTo).toISOString(),
          trust,
          file
        }
      ]
    })
}

/** Every certificate of the pki folder. Imports nothing of the library. */
export const listCertificates = (pki: string): ReadonlyArray<ListedCertificate> =>
  (Object.keys(folders) as ReadonlyArray<Trust>).flatMap((trust) => listFolder(pki, trust))

/** The one certificate that a thumbprint, or the beginning of one, names. Throws `CertificateUnknown`. */
export const findCertificate = (pki: string, thumbprint: string): ListedCertificate => {
  const wanted = thumbprint.replaceAll(/[^0-9A-Fa-f]/g, "").toLowerCase()
  const found = listCertificates(pki).filter((one) => wanted !== "" && one.thumbprint.startsWith(wanted))
  const [first] = found
  if (first === undefined) throw new CertificateUnknown(`no certificate in ${pki} has the thumbprint ${thumbprint}`)
  if (found.some((one) => one.thumbprint !== first.thumbprint)) {
    throw new CertificateUnknown(`several certificates in ${pki} begin with ${thumbprint}: write more of it`)
  }
  return first
}

const makeManager = ({ OPCUACertificateManager }: Library, pki: string): OPCUACertificateManager => {
  mkdirSync(pki, { recursive: true, mode: 0o700 })
  return new OPCUACertificateManager({
    rootFolder: pki,
    automaticallyAcceptUnknownCertificate: false,
    // Watched folders are not always seen to change; each connection looks at them anew instead.
    disableFileWatchers: true
  })
}

/** Trusts a certificate that was rejected before, or trusts it no longer. Links see it when they connect next. */
export const setTrust = (pki: string, thumbprint: string, trusted: boolean): Effect.Effect<ListedCertificate, Error> =>
  Effect.gen(function* () {
    const library = yield* loadLibrary
    return yield* Effect.tryPromise({
      try: async () => {
        const certificate = findCertificate(pki, thumbprint)
        const manager = makeManager(library, pki)
        await manager.initialize()
        try {
          const { raw } = new X509Certificate(readFileSync(certificate.file))
          if (trusted) await manager.trustCertificate(raw)
          else await manager.rejectCertificate(raw)
        } finally {
          await manager.dispose()
        }
        return findCertificate(pki, certificate.thumbprint)
      },
      catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause)))
    })
  })

/** Our side of a secure channel: who we are, and whom we trust. */
export interface Certificates {
  readonly manager: OPCUACertificateManager
  /** In our certificate, and so what we must call ourselves. */
  readonly applicationUri: string
  /** SHA-1 of our certificate, hexadecimal. */
  readonly thumbprint: string
  readonly own: X509Certificate
}

/** The file that the library itself would take. */
const ownFile = (pki: string): string => join(pki, folders.own, "client_certificate.pem")

/** Ten years: what expires on a wall takes the link down on a day nobody thinks of it. */
const validDays = 3650

const ensureOwn = async (library: Library, manager: OPCUACertificateManager, pki: string): Promise<X509Certificate> => {
  const file = ownFile(pki)
  if (!existsSync(file)) {
    const host = hostname()
    await manager.createSelfSignedCertificate({
      applicationUri: library.makeApplicationUrn(host, "Gatehouse"),
      dns: [host],
      outputFile: file,
      subject: { commonName: `Gatehouse@${host}`.slice(0, 64) },
      startDate: new Date(),
      validity: validDays
    })
  }
  return new X509Certificate(readFileSync(file))
}

/** Links that share a folder and start at once are to make one certificate, not each its own. */
const oneAtATime = Semaphore.makeUnsafe(1)

/**
 * The pki folder as it is now; it and our own certificate are made where there are none. Nothing is ever trusted of
 * itself: what a server shows and is not trusted lies in `rejected` afterwards.
 */
export const openCertificates = (library: Library, pki: string): Effect.Effect<Certificates, Error, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        const manager = makeManager(library, pki)
        await manager.initialize()
        const own = await ensureOwn(library, manager, pki)
        const applicationUri = applicationUriOf(own)
        if (applicationUri === undefined) throw new Error(`${ownFile(pki)} has no application URI: remove it`)
        return { manager, applicationUri, thumbprint: thumbprintOf(own.raw), own }
      },
      catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause)))
    }).pipe(Semaphore.withPermit(oneAtATime)),
    ({ manager }) => Effect.promise(() => manager.dispose().catch(() => undefined))
  )
