import { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import type { CertificateHolder } from "../gateway/domain/certificate.ts"
import type { DeviceId } from "../gateway/domain/ids.ts"
import type { LinkContext } from "./adapter.ts"

/** A certificate that a link rests on, and whose it is. */
export interface SeenCertificate {
  readonly holder: CertificateHolder
  /** Which of several: the common name of a client's, `user` for the one that we log in by. */
  readonly name?: string
  /** The device whose own link it is; left out: it is the link's. */
  readonly device?: DeviceId
  readonly certificate: X509Certificate
  /** Where it was seen, for people: an address, a file. */
  readonly source: string
}

/** Reads a certificate, PEM or DER; `undefined` for what is none. */
export const certificateIn = (bytes: Uint8Array): X509Certificate | undefined => {
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}

/** Reads the certificate in a file, PEM or DER; `undefined` where there is none that can be read. */
export const certificateOfFile = (path: string): X509Certificate | undefined => {
  try {
    return certificateIn(readFileSync(path))
  } catch {
    return undefined
  }
}

/**
 * Tells of a certificate when it is another one than this link told of before. One that the store does not keep is told
 * with the next connection.
 */
export const tellCertificate = (
  { memory, report, now }: Pick<LinkContext, "memory" | "report" | "now">,
  { holder, name, device, certificate, source }: SeenCertificate
): void => {
  const key = `certificate ${holder} ${name ?? ""}`
  const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase()
  const validUntil = Date.parse(certificate.validTo)
  if (memory.get(key) === fingerprint || Number.isNaN(validUntil)) return
  memory.set(key, fingerprint)
  const whose = { holder, ...(name === undefined ? {} : { name }), ...(device === undefined ? {} : { device }) }
  const said = { fingerprint, subject: certificate.subject.replaceAll("\n", ", "), validUntil }
  report(
    { observations: [{ _tag: "Certificate", ...whose, ...said, source }], receivedAt: now(), held: true },
    (refusal) => {
      if (refusal !== undefined) memory.delete(key)
    }
  )
}
