import { HashMap } from "effect"
import type { Priority } from "../domain/alert.ts"
import { certificateOf, type KnownCertificate } from "../domain/certificate.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Gap } from "../domain/gap.ts"
import { activeAlerts } from "./open-alerts.ts"
import type { GapSources } from "./list.ts"

const dayMs = 86_400_000

const severityOf = (days: number): Priority => (days <= 0 ? 2 : days <= 7 ? 3 : 4)

/** In days, begun ones counted whole; 0 and less: it has ended. */
const daysLeft = ({ validUntil }: KnownCertificate, at: EpochMs): number => Math.ceil((validUntil - at) / dayMs)

const todoOf = ({ holder }: KnownCertificate): string =>
  holder === "ours"
    ? "Have a new certificate issued for Gatehouse, and put it where the configuration has it."
    : "Renew it there; where it is pinned or trusted by hand, enrol the new one (gatehouse probe --enrol, gatehouse certs)."

/** Certificates that end soon, or have ended: from the first notice on, a month before. */
export const certificateGaps = ({ at, situation }: GapSources): ReadonlyArray<Gap> => {
  const alertOf = activeAlerts(situation)
  const names = new Map<string, string | undefined>(situation.campus?.devices.map(({ id, name }) => [id, name]))
  return [...HashMap.entries(situation.certificates)].flatMap(([key, one]): ReadonlyArray<Gap> => {
    if (one.toldDays === undefined) return []
    const days = daysLeft(one, at)
    const alert = alertOf("CertificateExpired", `key:${key}`) ?? alertOf("CertificateExpiring", `key:${key}`)
    const of = certificateOf(one, one.device === undefined ? undefined : names.get(one.device))
    // A number inside the gateway, a date for people.
    const ends = new Date(one.validUntil).toISOString().slice(0, 10)
    return [
      {
        id: `certificate-ends:${key}`,
        kind: "certificate-ends",
        severity: severityOf(days),
        title: `The certificate of ${of} ${days <= 0 ? "has ended" : `ends in ${days} ${days === 1 ? "day" : "days"}`}`,
        link: one.link,
        ...(one.device === undefined ? {} : { device: one.device }),
        ...(alert === undefined ? {} : { alert: alert.id }),
        owner: alert?.acknowledgedBy ?? (one.device === undefined ? `link ${one.link}` : `device ${one.device}`),
        reason: `${one.subject} is valid until ${ends}`,
        todo: todoOf(one)
      }
    ]
  })
}
