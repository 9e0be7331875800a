import { HashMap, Option } from "effect"
import type { Campus } from "../domain/campus.ts"
import { certificateNoticeDays, certificateOf, type KnownCertificate } from "../domain/certificate.ts"
import type { EpochMs, LinkId } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import { dayMs } from "./day-plan.ts"
import type { Draft } from "./draft.ts"

type Shown = Extract<Observation, { readonly _tag: "Certificate" }>

/** Far more than a campus has devices; who signs clients at will gets no more room by it. */
const certificatesMax = 20_000

/** Of one device, or one side of a link, there is one certificate at a time. */
const keyOf = ({ link, device, holder, name }: Pick<KnownCertificate, "link" | "device" | "holder" | "name">) =>
  `${holder}:${device ?? link}${name === undefined ? "" : `/${name}`}`

const agendaKey = (key: string): string => `certificate:${key}`

const knownOf = (draft: Draft, key: string): KnownCertificate | undefined =>
  Option.getOrUndefined(HashMap.get(draft.situation.certificates, key))

type Told = "CertificateExpiring" | "CertificateExpired" | "CertificateRenewed"

const tell = (draft: Draft, key: string, one: KnownCertificate, at: EpochMs, told: Told): void => {
  const { device, validUntil, toldDays = 0 } = one
  const about = {
    at,
    certificate: key,
    of: certificateOf(one, device === undefined ? undefined : draft.inner.index.devices.get(device)?.name),
    // A number inside the gateway, a date for people.
    ends: new Date(validUntil).toISOString().slice(0, 10),
    ...(device === undefined ? {} : { device })
  }
  if (told === "CertificateExpiring") draft.event({ _tag: told, ...about, daysLeft: toldDays })
  else draft.event({ _tag: told, ...about })
}

/** Remembers a certificate, and tells what is to be told of it by then. */
const review = (draft: Draft, key: string, one: KnownCertificate, at: EpochMs): void => {
  const { validUntil, toldDays = Number.POSITIVE_INFINITY } = one
  const fallsDue = (days: number): EpochMs => validUntil - days * dayMs
  const reached = certificateNoticeDays.filter((days) => fallsDue(days) <= at).at(-1)
  const ahead = certificateNoticeDays.find((days) => fallsDue(days) > at)
  const isNews = reached !== undefined && reached < toldDays
  const after = isNews ? { ...one, toldDays: reached } : one
  draft.situation.certificates = HashMap.set(draft.situation.certificates, key, after)
  draft.grace(agendaKey(key), ahead === undefined ? undefined : fallsDue(ahead))
  if (isNews) tell(draft, key, after, at, reached === 0 ? "CertificateExpired" : "CertificateExpiring")
}

/** A link has seen a certificate: the same one again is no news. */
export const certificateShown = (draft: Draft, link: LinkId, seen: Shown): void => {
  const { device, holder, name, fingerprint, subject, validUntil } = seen
  const one: KnownCertificate = {
    link,
    ...(device === undefined ? {} : { device }),
    holder,
    ...(name === undefined ? {} : { name }),
    fingerprint,
    subject,
    validUntil
  }
  const key = keyOf(one)
  const before = knownOf(draft, key)
  if (before?.fingerprint === fingerprint) return
  if (before === undefined && HashMap.size(draft.situation.certificates) >= certificatesMax) return
  if (before?.toldDays === undefined) return review(draft, key, one, draft.now)
  // What was told of the one before is over. Where the new one ends soon too, that is told anew, and after it.
  draft.situation.certificates = HashMap.set(draft.situation.certificates, key, one)
  tell(draft, key, one, draft.now, "CertificateRenewed")
  draft.grace(agendaKey(key), draft.now + 1)
}

/** The next of its notices is due. */
export const certificateNears = (draft: Draft, key: string, at: EpochMs): void => {
  const one = knownOf(draft, key)
  if (one === undefined) draft.endGrace(agendaKey(key))
  else review(draft, key, one, at)
}

/** Nobody shows the certificate any more of what is gone, or is reached elsewhere now: it is told again where it is still there. */
export const reviseCertificates = (draft: Draft, before: Campus | undefined): void => {
  const { devices, onLink } = draft.inner.index
  const earlier = new Map<string, string>((before?.devices ?? []).map(({ id, address }) => [id, address]))
  for (const [key, one] of [...HashMap.entries(draft.situation.certificates)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const device = one.device === undefined ? undefined : devices.get(one.device)
    const stays =
      one.device === undefined
        ? onLink.has(one.link)
        : device !== undefined && device.disabled !== true && device.address === earlier.get(device.id)
    if (stays) continue
    draft.situation.certificates = HashMap.remove(draft.situation.certificates, key)
    draft.endGrace(agendaKey(key))
    if (one.toldDays !== undefined) tell(draft, key, one, draft.now, "CertificateRenewed")
  }
}
