import { Schema } from "effect"
import { DeviceId, EpochMs, LinkId } from "./ids.ts"

/**
 * Whose certificate it is: `peer`, what the device, broker or server of a link shows; `client`, what a client of our own
 * broker shows; `ours`, what we show to them.
 */
export const CertificateHolder = Schema.Literals(["peer", "client", "ours"])
export type CertificateHolder = typeof CertificateHolder.Type

/** What a certificate says of itself. */
export const certificateSays = {
  holder: CertificateHolder,
  /** Which of several: the common name of a client's, `user` for the one that we log in by. */
  name: Schema.optionalKey(Schema.String),
  /** SHA-256 of the whole, lower-case hex: the same one is the same certificate. */
  fingerprint: Schema.String,
  subject: Schema.String,
  /** It ends then (X.509 notAfter). */
  validUntil: EpochMs
}

/** A certificate that a link rests on, as the fold remembers it. */
export const KnownCertificate = Schema.Struct({
  link: LinkId,
  /** The device whose own link shows it; absent: it is the link's. */
  device: Schema.optionalKey(DeviceId),
  ...certificateSays,
  /** The fewest days before its end of which was told; absent: its end is far. */
  toldDays: Schema.optionalKey(Schema.Finite)
})
export type KnownCertificate = typeof KnownCertificate.Type

/** How many days before a certificate ends that is told, each time anew; 0: it has ended. */
export const certificateNoticeDays = [30, 14, 7, 3, 1, 0] as const

/** In words for people: `the certificate of <this>`. */
export const certificateOf = (
  { link, device, holder, name }: Pick<KnownCertificate, "link" | "device" | "holder" | "name">,
  deviceName?: string
): string => {
  const there = device === undefined ? `the other side of link ${link}` : (deviceName ?? device)
  switch (holder) {
    case "peer":
      return there
    case "client":
      return `client ${name ?? ""} at link ${link}`
    case "ours":
      return `Gatehouse${name === undefined ? "" : ` (as ${name})`} towards ${there}`
  }
}
