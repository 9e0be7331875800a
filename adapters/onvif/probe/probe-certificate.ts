import { Effect } from "effect"
import type { CallFailed } from "../wire/connection.ts"
import type { DeviceSettings } from "../device-settings.ts"
import { type Found, StepFailed } from "../../probing/steps.ts"
import { type DeviceCertificate, readCertificate } from "../wire/tls.ts"

/** A handshake with a camera's slow processor takes up to a second. */
const certificateMs = 10_000

/** A month: time to renew a certificate before the link is lost. */
const renewalMs = 30 * 24 * 3600 * 1000

/** What openssl says to an answer that is not TLS. */
const noTls = /wrong version number|packet length too long|record layer failure|unsupported protocol|EPROTO/i

/** The certificate that the device at this address shows, for a person to look at. Fails where it speaks no TLS. */
export const certificateAt = (url: URL): Effect.Effect<DeviceCertificate, StepFailed> =>
  readCertificate(url.hostname.replace(/^\[|\]$/g, ""), Number(url.port === "" ? "443" : url.port), certificateMs).pipe(
    Effect.mapError(({ reason }) => {
      const why = noTls.test(reason) ? "what answers there is not TLS 1.2 or newer" : reason
      return new StepFailed({
        said: `the device shows no certificate: ${why}`,
        todo: "check the port, and that HTTPS is switched on at the device; without it, its address begins with http://"
      })
    })
  )

/** `AB:CD…`, as devices' own pages and openssl write it. */
export const withColons = (fingerprint: string): string => (fingerprint.match(/../g) ?? []).join(":").toUpperCase()

const about = ({ subject, issuer, validTo, fingerprint }: DeviceCertificate): string =>
  `${subject === "" ? "no subject" : subject}, issued by ${issuer === "" ? "nobody" : issuer === subject ? "itself" : issuer}, ` +
  `valid until ${validTo}, SHA-256 ${withColons(fingerprint)}`

const replaced = (shown: DeviceCertificate, enrolled: string): StepFailed =>
  new StepFailed({
    said: `the device shows another certificate than the one enrolled (${withColons(enrolled)}): ${about(shown)}`,
    todo: "if it was reset, replaced or given a new certificate, enrol the new one by `--enrol`; if nobody did that, somebody may stand in between: find out first",
    facts: { ...shown, trust: "none" }
  })

const whyUntrusted = ({ subject, issuer, validTo }: DeviceCertificate, failure: CallFailed, now: number): string => {
  if (Date.parse(validTo) < now) return "the device's certificate has run out"
  if (/for another name/.test(failure.reason))
    return "the device's certificate is for another name than it is called by"
  if (subject === issuer) return "nobody vouches for the device's certificate but the device itself"
  return "nobody we trust vouches for the device's certificate"
}

const untrusted = (shown: DeviceCertificate, failure: CallFailed, now: number): StepFailed =>
  new StepFailed({
    said: `${whyUntrusted(shown, failure, now)}: ${about(shown)}`,
    todo: "compare the fingerprint with the one on the device's own page, and enrol it by `--enrol`; or name the authority that signed it in the link's settings, tls: { ca: <file> }",
    facts: { ...shown, trust: "none" }
  })

/** Whether a certificate runs out within the time it takes to renew it. */
const expiresSoon = ({ validTo }: DeviceCertificate, now: number): boolean => Date.parse(validTo) - now < renewalMs

export interface Judged {
  readonly certificate: DeviceCertificate
  readonly access: DeviceSettings["access"]
  /** By the first call to the device, which looks at its certificate before it sends anything. */
  readonly refused: CallFailed | undefined
  readonly now: number
}

/** What is to be thought of a certificate: pinned, vouched for, or not to be trusted. */
export const judgeCertificate = ({
  certificate,
  access,
  refused,
  now
}: Judged): Effect.Effect<Found<void>, StepFailed> => {
  const enrolled = access.tls?.fingerprint
  if (enrolled !== undefined && enrolled !== certificate.fingerprint)
    return Effect.fail(replaced(certificate, enrolled))
  if (refused !== undefined) return Effect.fail(untrusted(certificate, refused, now))
  const trust =
    enrolled !== undefined ? "pinned" : access.tls?.ca !== undefined ? "signed by our CA" : "signed by a known CA"
  const found = {
    value: undefined,
    said: `${trust}: ${about(certificate)}`,
    facts: { ...certificate, trust: enrolled === undefined ? "trusted" : "pinned" }
  }
  // Of a pinned one the dates are not looked at.
  const soon = enrolled === undefined && expiresSoon(certificate, now)
  return Effect.succeed(
    soon ? { ...found, doubt: "renew it: once it has expired, the device is heard no longer" } : found
  )
}
